import * as z from 'zod';
import { API_PATH, type Route, refusalSchema } from '../routes/route.ts';
import { statuses } from './statuses.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of these routes: all of it comes from their declarations. */
export function openApiDocument(
  routes: Readonly<Record<string, Route>>,
  version: string,
): Readonly<Record<string, unknown>> {
  const components = new Map<string, Schema>();
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Schema => jsonSchema(schema, io, components);
  const paths: Record<string, Record<string, Schema>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = `${API_PATH}${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operationOf(name, route, schemaOf) };
  }
  const refusal = schemaOf(refusalSchema, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'fnloop daemon',
      version,
      description: 'Fowler-Nordheim analog memory boards: jobs, runs, sessions and news.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, {}],
    tags: [...new Set(Object.values(routes).map(({ tag }) => tag))].map((tag) => ({ name: tag })),
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: {
        Refused: {
          description: `Refused: ${[...new Set(Object.values(statuses))].sort().join(', ')}, as the table of errors says`,
          content: { 'application/json': { schema: refusal } },
        },
      },
      schemas: Object.fromEntries([...components].sort(([one], [other]) => (one < other ? -1 : 1))),
    },
  };
}

function operationOf(
  name: string,
  route: Route,
  schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Schema,
): Schema {
  const { tag, summary, role, params, query, body, takesYaml, answer, media } = route;
  const hasJson = !(answer instanceof z.ZodNever);
  const binary = { schema: { type: 'string' } };
  return {
    operationId: name,
    tags: [tag],
    summary,
    'x-role': role,
    parameters: [
      ...parametersOf('path', schemaOf(params, 'input')),
      ...parametersOf('query', schemaOf(query, 'input')),
    ],
    ...(body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              ['application/json', ...(takesYaml ? ['application/yaml'] : [])].map((type) => [
                type,
                { schema: schemaOf(body, 'input') },
              ]),
            ),
          },
        }),
    responses: {
      200: {
        description: 'Done',
        content: {
          ...(hasJson ? { 'application/json': { schema: schemaOf(answer, 'output') } } : {}),
          ...Object.fromEntries(media.map((type) => [type, binary])),
        },
      },
      default: { $ref: '#/components/responses/Refused' },
    },
  };
}

function parametersOf(place: 'path' | 'query', { properties = {}, required = [] }: Schema): Schema[] {
  const needed = required as readonly string[];
  return Object.entries(properties as Record<string, Schema>).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || needed.includes(name),
    schema,
  }));
}

/** Schemas with an id go to the components, once. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Map<string, Schema>): Schema {
  const whole = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' });
  const { $schema: _, $defs = {}, ...rest } = respell(whole) as Record<string, unknown>;
  for (const [id, definition] of Object.entries($defs as Record<string, Schema>))
    components.set(id, definition);
  const { id } = rest;
  if (typeof id !== 'string') return rest;
  const { id: __, ...named } = rest;
  components.set(id, named);
  return { $ref: `#/components/schemas/${id}` };
}

/** References of one schema become those of the document. */
function respell(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(respell);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace('#/$defs/', '#/components/schemas/')
        : respell(inner),
    ]),
  );
}
