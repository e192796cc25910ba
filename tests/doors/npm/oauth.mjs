// An identity platform whose clock goes on by an hour with each token that it gives; its address is the first line printed.
import { OAuth2Server } from "oauth2-mock-server";

const server = new OAuth2Server();
await server.issuer.keys.generate("RS256");
let hours = 0;
server.service.on("beforeTokenSigning", (token) => {
  hours += 1;
  token.payload.exp = token.payload.iat + hours * 3600;
});
await server.start(0, "127.0.0.1");
console.log(JSON.stringify(server.issuer.url));
