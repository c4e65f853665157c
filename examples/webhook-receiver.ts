import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? "");

export const receiver = createServer(async (request, response) => {
  try {
    const news = webhook.verify(await text(request), request.headers as Record<string, string>);
    console.log(request.headers["webhook-id"], news);
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
}).listen(Number(process.env.PORT ?? 8300));
