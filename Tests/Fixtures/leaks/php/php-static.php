<?php
// A worker whose function counts what it has seen, in a static variable of its own.
//
// Leak: each event has a key of its own, and none comes twice.
// Fix: --fixed forgets them after each round.
//
// Truth: grows yes
// Truth: kind object-type Event array string
// Truth: holder ["event-#"] <- static $seen <- function remember
// Truth: holder ->payload <- ["event-#"] <- static $seen <- function remember
// Truth: holder ["text"] <- ->payload <- ["event-#"] <- static $seen <- function remember
// Truth: holder key <- static $seen <- function remember
class Event
{
    public $payload;

    public function __construct(int $number)
    {
        $this->payload = ['number' => $number, 'text' => "event $number"];
    }
}

function remember(?string $name, ?Event $event): void
{
    static $seen = [];
    if ($name === null) {
        $seen = [];
    } else {
        $seen[$name] = $event;
    }
}

const LIMIT = 400000;
$isFixed = ($argv[1] ?? '') === '--fixed';
$number = 0;
echo 'process ', getmypid(), "\nready\n";
// Ends with its standard input, of which nothing else is expected.
while (($input = [STDIN]) && ($none = null) === null && !stream_select($input, $none, $none, 0, 20000)) {
    for ($round = 0; $number < LIMIT && $round < 40; $round++) {
        remember('event-' . $number, new Event($number));
        $number++;
    }
    if ($isFixed) {
        remember(null, null);
    }
}
