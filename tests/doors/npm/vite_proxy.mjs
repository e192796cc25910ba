// A development server that passes /sse on: node vite_proxy.mjs ADDRESS prints its own address.
import { createServer } from "vite";

const proxy = { "/sse": process.argv[2] };
const server = await createServer({ configFile: false, logLevel: "silent", server: { host: "127.0.0.1", port: 0, proxy } });
await server.listen();
console.log(server.resolvedUrls.local[0]);
