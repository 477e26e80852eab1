// A sample of what the platform expects of a NodeJS service: the port 3000, an
// answer to /healthz, and a stop that loses no request.
'use strict';
const http = require('node:http');

// ECS sends SIGKILL 30 s after SIGTERM.
const grace = 20_000;
let stopping = false;

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  let size = 0;
  request.on('data', (part) => { size += part.length; });
  request.on('end', () => {
    if (stopping) response.setHeader('connection', 'close'); // or it is kept for the next request
    if (url.pathname === '/healthz') {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
      return;
    }
    console.log(JSON.stringify({ method: request.method, path: url.pathname, from: request.headers['x-forwarded-for'] }));
    response.writeHead(200, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
    response.end(JSON.stringify({ environment: process.env.APP_ENV ?? 'none', scheme, path: url.pathname, received: size }) + '\n');
  });
});

// The load balancer keeps connections for 60 s without a request; a server that
// closes them earlier makes it answer 502 now and then.
server.keepAliveTimeout = 75_000;
server.headersTimeout = 80_000;

function stop(signal) {
  console.log(`${signal}: no new connections, finishing what is under way`);
  stopping = true;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(1), grace).unref();
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

server.listen(3000, () => console.log('listening on 3000'));
