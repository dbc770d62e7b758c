-- Puts a session unless it was forgotten a moment ago.
-- KEYS: epoch, session. ARGV: the session, its time in ms.
if redis.call('GETRANGE', KEYS[2], 8, 8) == 'x' then
    return 0
end
local epoch = redis.call('GET', KEYS[1]) or string.rep('\0', 8)
redis.call('SET', KEYS[2], epoch .. 'v' .. ARGV[1], 'PX', ARGV[2])
return 1
