import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { SESSION_COOKIE } from '../access/token.js';
import { problemReply } from './schemas.js';

/** The OpenAPI document of every route, generated from what the routes say of themselves. */
export function openApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle('Watchfire')
    .setDescription(
      'REST side of the control room. Live alarms come over Socket.IO (`/control-room`). Errors are RFC 9457 problem ' +
        'details with a stable `code`; lists page with `limit` and `cursor`; times are epoch milliseconds.',
    )
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'bearer')
    .addCookieAuth(SESSION_COOKIE, { type: 'apiKey', in: 'cookie' }, 'cookie')
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  const schemas = (document.components ??= {}).schemas ?? {};
  document.components.schemas = { ...schemas, Problem: problemSchema() };
  return document;
}

function problemSchema(): Record<string, unknown> {
  const { definitions } = problemReply['~standard'].jsonSchema.output({ target: 'openapi-3.0' });
  return (definitions as Record<string, Record<string, unknown>>)['Problem'] ?? {};
}
