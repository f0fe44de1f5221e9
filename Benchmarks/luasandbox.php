<?php
// Prints the nanoseconds of CPU time of an empty call, a callback and a field read through a callback, lowest of many.

function cpu(): float {
    $usage = getrusage();
    return ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) * 1e9
        + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) * 1e3;
}

function lowest(int $operations, callable $body): float {
    $lowest = INF;
    for ($round = 0; $round < 20; $round++) {
        $start = cpu();
        $body();
        $lowest = min($lowest, (cpu() - $start) / $operations);
    }
    return $lowest;
}

$sandbox = new LuaSandbox;
$sandbox->setMemoryLimit(64 << 20);
$sandbox->setCPULimit(1000);
$sandbox->registerLibrary('host', [
    'nothing' => function () { return []; },
    'get' => function ($object, $key) { return [1.0]; },
]);
$empty = $sandbox->loadString('');
$loop = $sandbox->loadString('for i = 1, 20000 do end');
$callback = $sandbox->loadString('local f = host.nothing for i = 1, 20000 do f() end');
$field = $sandbox->loadString(
    'local get = host.get local o = setmetatable({}, {__index = function(o, k) return get(7, k) end}) '
    . 'for i = 1, 20000 do local a = o.x end');

echo lowest(2000, function () use ($empty) {
    for ($i = 0; $i < 2000; $i++) {
        $empty->call();
    }
}), "\n";
$base = lowest(20000, fn() => $loop->call());
echo lowest(20000, fn() => $callback->call()) - $base, "\n";
echo lowest(20000, fn() => $field->call()) - $base, "\n";
