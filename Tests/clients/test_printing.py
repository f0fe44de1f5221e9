"""Long texts that scripts print are cut before they are copied, and the output that a run keeps has a bound."""

import json
import subprocess

from harness.lab import memory
from harness.games import BARE
from harness.server import BINARY

#: Scripts with one character of eight megabytes: each of its code points combines with the previous one.
FILES = {
    **BARE,
    "game.yaml": "name: Loud\nevent_time_limit_ms: 1000\n",
    "events/say/index.lua": """--@public true
local long = ("\\204\\129"):rep(4194304)
print(long)
pcall(error, long)
pcall(function() return objects[long] end)
pcall(function() object.side = long end)
pcall(function() object.events.add(long) end)
pcall(function() objects.add("objects", { [long:sub(1, 3000000)] = 1 }) end)
pcall(function() object.components.mood = long end)
object.components.hp = 1
""",
}


def test_a_long_text_of_combining_characters_costs_neither_time_nor_memory(serve):
    server = serve(FILES)
    ada = server.join("ada")
    before = memory(server)
    ada.send("say")
    ada.wait(lambda: ada.me["components"]["hp"] == 1, "the script ends in time")
    assert memory(server) < before + 80


def run(folder, script, *options):
    """The run's output, and its highest memory use, in MB."""
    file, output = folder / "script.lua", folder / "output.json"
    file.write_text(script)
    with open(output, "wb") as out:
        process = subprocess.Popen([BINARY, "run", "--json", *options, file], stdout=out)
        most = 0
        # wait4 is no use here: its maximum includes the memory of the tests' process before it executed the program.
        while process.poll() is None:
            most = max(most, peak(process.pid))
    return json.loads(output.read_text()), most


def peak(pid):
    """The highest memory use of a process, in MB; 0 for a process that has ended."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next((int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM")), 0)


def test_a_run_that_prints_in_a_loop_keeps_a_bounded_part(tmp_path):
    # Without the bound the output of one second would take 1.9 GB.
    outcome, megabytes = run(tmp_path, "while true do print(('x'):rep(10000)) end", "--time-limit", "500")
    assert outcome["error"]["kind"] == "time"
    assert sum(len(line) for line in outcome["printed"]) <= 4 << 20
    assert outcome["printed_left_out"] > 0
    assert megabytes < 150


def test_a_run_that_prints_little_has_it_all(tmp_path):
    outcome, _ = run(tmp_path, "for i = 1, 1000 do print(i) end")
    assert outcome["printed"] == [str(n) for n in range(1, 1001)] and "printed_left_out" not in outcome
