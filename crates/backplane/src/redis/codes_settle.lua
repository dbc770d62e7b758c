-- Brings a challenge to where its issuer knows it is: 1 if it is alive then, 0 if it is dead.
-- KEYS: challenge, latest. ARGV: id, digest, device, tries, time in ms, whether it may be missing through no act of
-- anybody's, what challenges' keys begin with.
local tries = tonumber(ARGV[4])
if tries == 0 then
    redis.call('DEL', KEYS[1])
    return 0
end
local kept = redis.call('HGET', KEYS[1], 'tries')
if kept then
    if tonumber(kept) > tries then
        redis.call('HSET', KEYS[1], 'tries', tries)
    end
    return 1
end
local latest = redis.call('GET', KEYS[2])
local replaced = latest and latest ~= ARGV[1] and redis.call('EXISTS', ARGV[7] .. latest) == 1
if ARGV[6] == '0' or replaced then
    return 0
end
redis.call('HSET', KEYS[1], 'digest', ARGV[2], 'device', ARGV[3], 'tries', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[5])
return 1
