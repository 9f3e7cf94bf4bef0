-- A script that looks at events in a timer, and remembers what it has seen.
--
-- Leak: the table of events that were seen has a key for each event, and no event comes twice.
-- Fix: --fixed keeps the last 1,000.
--
-- Truth: grows yes
-- Truth: kind object-type string
-- Truth: content template event:
-- Truth: holder key <- stack

local ffi = require "ffi"
ffi.cdef [[
  int getpid(void);
  struct pollfd { int fd; short events; short revents; };
  int poll(struct pollfd *files, unsigned long count, int timeout);
]]

local is_fixed = arg[1] == "--fixed"
local seen, order = {}, {}
local limit = 400000

local function on_event(number)
  local name = "event:" .. number .. " from sensor-" .. number % 50
  seen[name] = number
  if is_fixed then
    local slot = number % 1000
    if order[slot] then seen[order[slot]] = nil end
    order[slot] = name
  end
end

io.write("process ", ffi.C.getpid(), "\nready\n")
io.flush()
-- Ends with its standard input, of which nothing else is expected.
local input = ffi.new("struct pollfd", 0, 1, 0)
local number = 0
while ffi.C.poll(input, 1, 20) == 0 do
  if number < limit then
    for _ = 1, 400 do
      number = number + 1
      on_event(number)
    end
  end
end
