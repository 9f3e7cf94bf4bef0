-- A script with a module that keeps the sessions of its users.
--
-- Leak: a session that has ended stays in the table of the module.
-- Fix: --fixed takes it out.
--
-- Truth: grows yes
-- Truth: kind object-type table string Session
-- Truth: holder ["token-#"] <- ["sessions"] <- ["store"] <- ["loaded"] <- ["package"] <- _G
-- Truth: holder ["user"] <- ["token-#"] <- ["sessions"] <- ["store"] <- ["loaded"] <- ["package"] <- _G
-- Truth: holder ["sessions"] <- ["store"] <- ["loaded"] <- ["package"] <- _G
-- Truth: holder key <- ["sessions"] <- ["store"] <- ["loaded"] <- ["package"] <- _G

local ffi = require "ffi"
ffi.cdef [[
  int getpid(void);
  struct pollfd { int fd; short events; short revents; };
  int poll(struct pollfd *files, unsigned long count, int timeout);
]]

package.preload["store"] = function()
  local store = { sessions = {} }
  local Session = { __name = "Session" }
  Session.__index = Session
  function store.login(number)
    store.sessions["token-" .. number] = setmetatable({ user = "user-" .. number % 1000, number = number }, Session)
  end
  function store.logout(number) store.sessions["token-" .. number] = nil end
  return store
end

local store = require "store"
local is_fixed = arg[1] == "--fixed"
local limit = 400000
io.write("process ", ffi.C.getpid(), "\nready\n")
io.flush()
-- Ends with its standard input, of which nothing else is expected.
local input = ffi.new("struct pollfd", 0, 1, 0)
local number = 0
while ffi.C.poll(input, 1, 20) == 0 do
  for _ = 1, number < limit and 100 or 0 do
    number = number + 1
    store.login(number)
    if is_fixed then store.logout(number) end
  end
end
