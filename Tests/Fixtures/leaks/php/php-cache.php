<?php
// A worker that looks users up, and remembers what it was told, in a static property of its class.
//
// Leak: the cache has no limit, and every job has a user of its own.
// Fix: --fixed keeps 500.
//
// Truth: grows yes
// Truth: kind object-type User array string
// Truth: holder ["user-#"] <- ::$cache <- class App\\Users
// Truth: holder ->rights <- ["user-#"] <- ::$cache <- class App\\Users
// Truth: holder ->name <- ["user-#"] <- ::$cache <- class App\\Users
// Truth: holder key <- ::$cache <- class App\\Users
namespace App;

class User
{
    public string $name;
    public array $rights;

    public function __construct(string $name)
    {
        $this->name = $name;
        $this->rights = ['read' => true, $name => false];
    }
}

class Users
{
    private static array $cache = [];

    public static function find(int $number, bool $isFixed): User
    {
        $name = "user-$number";
        if ($isFixed && count(self::$cache) > 500) {
            self::$cache = [];
        }
        return self::$cache[$name] ??= new User($name);
    }
}

const LIMIT = 400000;
$isFixed = ($argv[1] ?? '') === '--fixed';
for ($number = 0; $number < 1000; $number++) {
    Users::find($number, $isFixed);
}
echo 'process ', getmypid(), "\nready\n";
// Ends with its standard input, of which nothing else is expected.
while (($input = [STDIN]) && ($none = null) === null && !stream_select($input, $none, $none, 0, 20000)) {
    for ($job = 0; $number < LIMIT && $job < 60; $job++) {
        Users::find($number++, $isFixed);
    }
}
