-- Charges several limits, all or none, and tells the backlog of each before that, in microseconds.
-- KEYS: the limits' keys. ARGV: for each what is charged and how large its backlog may be, in microseconds.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local backlogs = {}
local allowed = true
for i, key in ipairs(KEYS) do
    backlogs[i] = math.max(0, tonumber(redis.call('GET', key) or '0') - now)
    allowed = allowed and backlogs[i] + ARGV[2 * i - 1] <= tonumber(ARGV[2 * i])
end
if allowed then
    for i, key in ipairs(KEYS) do
        local backlog = backlogs[i] + ARGV[2 * i - 1]
        if backlog > 0 then
            redis.call('SET', key, string.format('%.0f', now + backlog), 'PX', math.ceil(backlog / 1000))
        end
    end
end
return backlogs
