-- The load for wrk: GETs over a list of paths, or POSTs of one body with a new Idempotency-Key each.
--
-- wrk … -s load.lua URL -- get LIST           LIST: one request a line, "path" or "path<tab>Name: value…"
-- wrk … -s load.lua URL -- post LIST BODY ACTOR KEY
--                                             LIST: one value a line, put in place of @ID@ in BODY (a
--                                             file); ACTOR: the Factum-Actor; KEY: start of every
--                                             Idempotency-Key of this run
-- Ends with one line for the harness: "bench " and a JSON object.

local requests = {}
local count = 0
local key = nil
local sent = 0

local function read_lines(path)
  local lines = {}
  for line in io.lines(path) do lines[#lines + 1] = line end
  return lines
end

local function prepare_gets(list)
  for _, line in ipairs(read_lines(list)) do
    local headers = {}
    local path = line:match("^[^\t]+")
    for name, value in line:gmatch("\t([^\t:]+): ([^\t]+)") do headers[name] = value end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end

-- Formatting each POST anew would make the load generator the bound, so that the requests are
-- formatted once and only the key, which has a fixed length, is put in when they are sent.
local function prepare_posts(list, body_file, actor)
  local file = io.open(body_file)
  local body = file:read("*a")
  file:close()
  local headers = {
    ["Content-Type"] = "application/json",
    ["Factum-Actor"] = actor,
    ["Idempotency-Key"] = "@KEY@"
  }
  for _, id in ipairs(read_lines(list)) do
    local request = wrk.format("POST", wrk.path, headers, (body:gsub("@ID@", id)))
    local head, tail = request:match("^(.-)@KEY@(.*)$")
    requests[#requests + 1] = {head, tail}
  end
end

function init(args)
  if args[1] == "get" then
    prepare_gets(args[2])
  else
    prepare_posts(args[2], args[3], args[4])
    key = args[5]
  end
  count = #requests
end

function request()
  sent = sent + 1
  -- A prime stride visits the list in an order that no cache foresees.
  local chosen = requests[(sent * 7919) % count + 1]
  if not key then return chosen end
  return chosen[1] .. key .. string.format("%010d", sent) .. chosen[2]
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format(
    'bench {"requests": %d, "seconds": %.6f, "p50_us": %d, "p99_us": %d, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    failed.status, failed.connect + failed.read + failed.write + failed.timeout))
end
