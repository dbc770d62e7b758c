-- Puts a value unless something has changed since it was looked up.
-- KEYS: epoch, generation, entry. ARGV: the stamp and the mark of forgetting that were seen, the value, its time in ms.
local none = string.rep('\0', 8)
local stamp = (redis.call('GET', KEYS[1]) or none) .. (redis.call('GET', KEYS[2]) or none)
local there = redis.call('GETRANGE', KEYS[3], 0, 24)
local forgotten = none
if #there == 25 and string.sub(there, 1, 16) == stamp and string.sub(there, 17, 17) == 'x' then
    forgotten = string.sub(there, 18)
end
if stamp ~= ARGV[1] or forgotten ~= ARGV[2] then
    return 0
end
redis.call('SET', KEYS[3], stamp .. 'v' .. ARGV[3], 'PX', ARGV[4])
return 1
