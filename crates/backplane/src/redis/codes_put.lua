-- Keeps a challenge in place of an earlier one of the same subject and device.
-- KEYS: challenge, latest. ARGV: id, digest, device, tries, time in ms, what challenges' keys begin with, channel.
local older = redis.call('GET', KEYS[2])
if older and older ~= ARGV[1] then
    redis.call('DEL', ARGV[6] .. older)
    redis.call('PUBLISH', ARGV[7], older .. '\0')
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'digest', ARGV[2], 'device', ARGV[3], 'tries', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[5])
return 1
