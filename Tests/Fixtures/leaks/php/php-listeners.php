<?php
// A daemon that has every task listen to its bus, from a function that does not return.
//
// Leak: a task that is done is never taken off the listeners of the bus, which keep it by its closure.
// Fix: --fixed takes it off.
//
// Truth: grows yes
// Truth: kind object-type Closure Task array string
// Truth: holder [] <- ->listeners <- $bus <- frame of main
// Truth: holder Closure of php-listeners.php:28 <- [] <- ->listeners <- $bus <- frame of main
// Truth: holder ->seen <- Closure of php-listeners.php:28 <- [] <- ->listeners <- $bus <- frame of main
class Bus
{
    public array $listeners = [];
}

class Task
{
    private array $seen = [];

    public function __construct(private int $number)
    {
        $this->seen = [$number, null, null];
    }

    public function listener(): Closure
    {
        return function ($event) {
            $this->seen[] = $event;
        };
    }
}

const LIMIT = 400000;

function main(bool $isFixed): void
{
    $bus = new Bus();
    $number = 0;
    echo 'process ', getmypid(), "\nready\n";
    // Ends with its standard input, of which nothing else is expected.
    while (($input = [STDIN]) && ($none = null) === null && !stream_select($input, $none, $none, 0, 20000)) {
        for ($round = 0; $number < LIMIT && $round < 40; $round++) {
            $task = new Task($number++);
            $bus->listeners[] = $task->listener();
            if ($isFixed) {
                array_pop($bus->listeners);
            }
        }
    }
}

main(($argv[1] ?? '') === '--fixed');
