// What the program's line "world ID coin X,Y ID:X,Y,POINTS …" says, as a picture and as a list of points.

const canvas = document.querySelector("#field");
const SCALE = 2; // pixels of the canvas to a unit of the field
const RADIUS = 12; // of a player; one who is as near to a coin takes it

/** Reads such a line; returns null for another one. */
export function readWorld(line) {
  const match = /^world (\d+) coin (\d+),(\d+)((?: \d+:\d+,\d+,\d+)*)$/.exec(line);
  if (!match) return null;
  const players = match[4].split(" ").filter(Boolean).map((text) => {
    const [id, x, y, points] = text.split(/[:,]/).map(Number);
    return { id, x, y, points };
  });
  return { id: Number(match[1]), coin: { x: Number(match[2]), y: Number(match[3]) }, players };
}

function circle(pen, { x, y }, radius, color) {
  pen.beginPath();
  pen.arc(x * SCALE, y * SCALE, radius * SCALE, 0, 2 * Math.PI);
  pen.fillStyle = color;
  pen.fill();
}

/** Draws a world, or an empty field for null. */
export function draw(world) {
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(`--${name}`);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (!world) return;
  circle(pen, world.coin, 6, color("coin"));
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.font = "600 18px system-ui, sans-serif";
  for (const player of world.players) {
    circle(pen, player, RADIUS, color(player.id === world.id ? "me" : "other"));
    pen.fillStyle = color("card");
    pen.fillText(player.id + 1, player.x * SCALE, player.y * SCALE + 1);
  }
}

function row(player, isMe) {
  const item = document.createElement("li");
  item.className = isMe ? "me" : "";
  const points = document.createElement("span");
  points.textContent = player.points === 1 ? "1 coin" : `${player.points} coins`;
  item.append(document.createElement("i"), isMe ? `You (${player.id + 1})` : `Player ${player.id + 1}`, points);
  return item;
}

/** Lists the points, the best first. */
export function list(world) {
  const players = [...(world?.players ?? [])].sort((one, other) => other.points - one.points || one.id - other.id);
  document.querySelector("#points").replaceChildren(...players.map((player) => row(player, player.id === world.id)));
}
