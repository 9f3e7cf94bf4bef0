<?php
// A server that keeps its connections in a global array.
//
// Leak: a connection that was closed stays in the array.
// Fix: --fixed takes it out.
//
// Truth: grows yes
// Truth: kind object-type Connection string array
// Truth: holder [] <- global $connections
// Truth: holder ->buffer <- [] <- global $connections
class Connection
{
    public int $number;
    public string $buffer;
    public bool $isOpen = true;

    public function __construct(int $number)
    {
        $this->number = $number;
        $this->buffer = "GET /items/$number HTTP/1.1\r\n" . str_repeat('x', 100 + $number % 7);
    }
}

const LIMIT = 400000;
$isFixed = ($argv[1] ?? '') === '--fixed';
$connections = [];
$number = 0;
echo 'process ', getmypid(), "\nready\n";
// Ends with its standard input, of which nothing else is expected.
while (($input = [STDIN]) && ($none = null) === null && !stream_select($input, $none, $none, 0, 20000)) {
    for ($round = 0; $number < LIMIT && $round < 60; $round++) {
        $connections[$number] = new Connection($number);
        $connections[$number]->isOpen = false;
        if ($isFixed) {
            unset($connections[$number]);
        }
        $number++;
    }
}
