-- Leaves a mark where a value was, so that nobody puts back what was looked up before.
-- KEYS: epoch, generation, entry. ARGV: a new mark, its time in ms.
local none = string.rep('\0', 8)
local stamp = (redis.call('GET', KEYS[1]) or none) .. (redis.call('GET', KEYS[2]) or none)
redis.call('SET', KEYS[3], stamp .. 'x' .. ARGV[1], 'PX', ARGV[2])
return 1
