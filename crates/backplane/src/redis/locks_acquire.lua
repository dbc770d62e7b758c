-- Takes a lock that is free, and numbers the taking.
-- KEYS: lock, fence. ARGV: token, time in ms.
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
    return 0
end
-- The time in microseconds, or one more than the last number where that is greater: so numbers go on growing after Redis
-- has lost its memory, which a mere counter in it would not.
local time = redis.call('TIME')
local fence = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if fence <= last then
    fence = last + 1
end
redis.call('SET', KEYS[2], string.format('%.0f', fence))
return fence
