-- Judges an answer: the tries left after a wrong one, or -1 gone, -2 wrong device, -3 right. Whoever issued the challenge
-- is told what became of it.
-- KEYS: challenge. ARGV: id, digest, device, channel.
-- Equal strings are one object in Lua, so that comparing keyed hashes takes no longer the more of them is right.
local kept = redis.call('HMGET', KEYS[1], 'digest', 'device')
if not kept[1] then
    return -1
end
if kept[2] ~= ARGV[3] then
    return -2
end
local verdict = -3
if kept[1] ~= ARGV[2] then
    verdict = redis.call('HINCRBY', KEYS[1], 'tries', -1)
end
if verdict <= 0 then
    redis.call('DEL', KEYS[1])
end
redis.call('PUBLISH', ARGV[4], ARGV[1] .. string.char(math.max(0, verdict)))
return verdict
