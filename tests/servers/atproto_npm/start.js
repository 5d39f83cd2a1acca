// The AT Protocol development network: PLC directory, PDS, AppView and one feed generator, empty, on loopback only.
// Environment: DB_POSTGRES_URL, REDIS_HOST (host:port), FEED_FILE (the feed generator's posts, one address a line),
// RATE_LIMITS=1 turns the PDS's own limits on. Prints one line "READY {json}" when all are up; SIGTERM ends it.
const dns = require('node:dns')
const fs = require('node:fs')
const http = require('node:http')
const net = require('node:net')
const { createRequire } = require('node:module')
const path = require('node:path')

// These servers listen on every interface and call one another "localhost": keep both to 127.0.0.1.
dns.setDefaultResultOrder('ipv4first')
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...more) {
  const plain = typeof port === 'number' && typeof more[0] !== 'string'
  return plain ? listen.call(this, port, '127.0.0.1', ...more) : listen.call(this, port, ...more)
}

const installed = createRequire(path.join(process.cwd(), 'package.json'))
const { TestNetwork, mockMailer } = installed('@atproto/dev-env')
const plc = installed('@did-plc/lib')
const { Secp256k1Keypair } = installed('@atproto/crypto')

// A feed generator: whatever feed is asked for, it gives the lines of the file, with their number as cursor.
// (dev-env has one too, but the one of this version needs what its PDS no longer exports.)
const feedGenerator = async (directory) => {
  const server = http.createServer((request, answer) => {
    const asked = new URL(request.url, 'http://localhost').searchParams
    const all = fs.readFileSync(process.env.FEED_FILE, 'utf8').split('\n').filter(Boolean)
    const end = Number(asked.get('cursor') || 0) + Number(asked.get('limit') || 50)
    const body = { feed: all.slice(Number(asked.get('cursor') || 0), end).map((post) => ({ post })) }
    if (end < all.length) body.cursor = String(end)
    answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise((listening) => server.listen(0, listening))
  const key = await Secp256k1Keypair.create()
  const endpoint = `http://localhost:${server.address().port}`
  const operation = await plc.signOperation({
    type: 'plc_operation', prev: null, alsoKnownAs: [], rotationKeys: [key.did()],
    verificationMethods: { atproto: key.did() },
    services: { bsky_fg: { type: 'BskyFeedGenerator', endpoint } },
  }, key)
  const did = await plc.didForCreateOp(operation)
  await new plc.Client(directory).sendOperation(did, operation)
  return { did, server }
}

;(async () => {
  const network = await TestNetwork.create({
    pds: { hostname: 'localhost', enableDidDocWithSession: true, rateLimitsEnabled: process.env.RATE_LIMITS === '1' },
    bsky: { dbPostgresSchema: 'bsky' },
    ozone: { dbMaterializedViewRefreshIntervalMs: 30000 },
  })
  mockMailer(network.pds)
  const generator = await feedGenerator(network.plc.url)
  const told = { pds: network.pds.url, appview: network.bsky.url, generator: generator.did }
  process.on('SIGTERM', async () => {
    generator.server.close()
    await network.close().catch(() => {})
    process.exit(0)
  })
  console.log('READY ' + JSON.stringify(told))
})().catch((error) => {
  console.error(error)
  process.exit(1)
})
