"""Scripts have enough C stack, whatever the process's limit is (ulimit -s)."""

import resource
import subprocess

import pytest

from harness.games import bare
from harness.attack_files import files, read
from harness.server import BINARY
from harness.waiting import until

#: In KiB: far less than the deepest scripts use, a size that once crashed, the usual one, and no limit.
LIMITS = [512, 1792, 8192, "unlimited"]

#: Scripts that call themselves through C as deep as Lua allows, each in a different way.
DEEP = {
    "gsub": "local function f() return (('x'):gsub('x', f)) end\nprint(pcall(f))",
    "coroutines": """local function f()
  return coroutine.wrap(function() return (('x'):gsub('x', function() return select(2, pcall(f)) end)) end)()
end
print(pcall(f))""",
    "sort": "local function f() table.sort({3, 2, 1}, function(a, b) f() return a < b end) end\nprint(pcall(f))",
    "tostring": """local meta = {}
meta.__tostring = function() return tostring(setmetatable({}, meta)) end
print(pcall(tostring, setmetatable({}, meta)))""",
    "concat": """local meta = {}
meta.__concat = function(a, b) return a .. b end
print(pcall(function() return setmetatable({}, meta) .. setmetatable({}, meta) end))""",
    "pattern": "print(pcall(string.find, ('a'):rep(200000), ('a?'):rep(30000) .. 'b'))",
    "parser": "return " + "(" * 190 + "1" + ")" * 190,
}


def limited(limit):
    """A command that runs another under this limit of the stack, in KiB."""
    return ["bash", "-c", f'ulimit -Ss {limit} && exec "$@"', "bash"]


@pytest.fixture(params=LIMITS)
def limit(request):
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    if hard != resource.RLIM_INFINITY and (request.param == "unlimited" or request.param * 1024 > hard):
        pytest.skip("the hard limit is lower")
    return request.param


def test_the_deepest_scripts_run_alone(limit, tmp_path):
    scripts = {name: text.encode() for name, text in DEEP.items()}
    for path in files():
        if path.name.startswith(("crash-", "catch-", "compile-")) or "recursion" in path.name:
            scripts[path.stem] = read(path)[0]
    for name, text in scripts.items():
        script = tmp_path / f"{name}.lua"
        script.write_bytes(text)
        ended = subprocess.run(
            [*limited(limit), str(BINARY), "run", "--time-limit", "200", str(script)], capture_output=True,
            timeout=60, check=False)
        assert ended.returncode in (0, 1, 3, 4), (name, ended.returncode, ended.stderr[-300:])


def test_the_deepest_scripts_run_on_a_map(limit, serve):
    game = bare(
        # Libs and scripts are compiled, and libs run, before the map has a thread of its own.
        lib__deep="deep = {}\n" + "\n".join(
            f"function deep.{name}()\n{text}\nend\nlocal ok = pcall(deep.{name})" for name, text in DEEP.items()),
        **{f"events__{name}__index": f"--@public true\n{text}\n" for name, text in DEEP.items()})
    server = serve(game, prefix=limited(limit))
    player = server.join("ada")
    for name in DEEP:
        player.send(f"{name}/index")
    player.send("hit/index", amount=3)
    player.wait(lambda: player.me["components"]["hp"] == 7, "the map goes on")
    for name in DEEP:
        until(
            lambda name=name: any(
                script["script"] == f"events/{name}/index.lua" and script["current"]["count"] == 1
                for script in server.diagnostics()["scripts"]), f"{name} ran")
    assert server.is_running()


def test_the_tools_run_deep_scripts_too(limit, tmp_path):
    game = tmp_path / "game"
    (game / "tests").mkdir(parents=True)
    (game / "tests" / "deep.lua").write_text("\n".join(
        f"test('{name}', function()\n{text}\nend)" for name, text in DEEP.items()))
    for tool in ("test", "check"):
        ended = subprocess.run(
            [*limited(limit), str(BINARY), tool, str(game)], capture_output=True, timeout=60, check=False)
        assert ended.returncode in (0, 1), (tool, ended.returncode, ended.stderr[-300:])
