// proxy.mjs UPSTREAM PERCENT: a bad line to the sandbox. So many answers of a hundred are lost: the
// connection is reset before the request went on, or after it was carried out, or nobody ever answers.
// Prints its port, and on SIGTERM what it did.
import http from 'node:http';

const [upstream, percent] = [new URL(process.argv[2]), Number(process.argv[3])];
const done = { passed: 0, 'reset before': 0, 'reset after': 0, 'timeout after': 0 };
const agent = new http.Agent({ keepAlive: true });
const losses = ['reset before', 'reset before', 'reset after', 'reset after', 'timeout after'];

function fate() {
    return Math.random() * 100 < percent ? losses[Math.floor(Math.random() * losses.length)] : 'passed';
}

// Carries the request out, and calls back with the whole answer.
function carry(request, body, then, failed) {
    const { hostname, port } = upstream;
    const options = { hostname, port, agent, method: request.method, path: request.url, headers: request.headers };
    const on = http.request(options, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => then(answer, Buffer.concat(parts)));
        answer.on('error', failed);
    });
    on.on('error', failed);
    on.end(body);
}

const server = http.createServer((request, response) => {
    const parts = [];
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
        const what = fate();
        done[what]++;
        const reset = () => request.socket.resetAndDestroy();
        if (what === 'reset before') return reset();
        carry(request, Buffer.concat(parts), (answer, body) => {
            if (what === 'reset after') return reset();
            if (what === 'timeout after') return; // whoever asked gives up
            const { connection, ...headers } = answer.headers;
            response.writeHead(answer.statusCode, headers);
            response.end(body);
        }, reset);
    });
});
server.keepAliveTimeout = 60000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => {
    console.log(JSON.stringify(done));
    process.exit(0);
});
