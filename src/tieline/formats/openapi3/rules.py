"""Every kind of finding that reading an OpenAPI 3 document can give: one id each, with the reason behind it.

What lives here is a table. The sentence about one place is written where the place is met.
"""

from __future__ import annotations

from .rule import broken, lost, note

DOCUMENT = (
    broken(
        "missing-version",
        "none",
        "The document has no `openapi` key; it is read as OpenAPI 3.",
        "OpenAPI: `openapi` is required.",
        'add "openapi": "3.0.3" at the root',
    ),
    lost(
        "unknown-version",
        "none",
        "The document is of a newer OpenAPI 3; it is read like 3.2.",
        "3.0, 3.1 and 3.2 are known.",
        "look over the operations of the connector",
    ),
    broken(
        "missing-title",
        "text",
        "`info` has no title; the name of the file becomes the title.",
        "OpenAPI: `info.title` is required.",
        'add "title" to "info"',
    ),
    note(
        "missing-api-version", "`info` has no version; it becomes `1.0`.", "The platform requires one.", 'add "version"'
    ),
    broken(
        "no-operations",
        "request",
        "The description has no `paths`, so there is nothing to call.",
        "OpenAPI 3.0: `paths` is required.",
        'add "paths"',
    ),
    broken(
        "wrong-type",
        "shape",
        "A value is of another type than OpenAPI says; it is left out.",
        "OpenAPI fixes the types of its fields.",
        "correct the value, or take it out",
    ),
    broken(
        "unknown-field",
        "text",
        "A field that OpenAPI does not know at this place; it is left out.",
        "Swagger 2.0 allows only its own fields and `x-` ones.",
        'correct its name, or begin it with "x-"',
    ),
    broken(
        "dangling-ref",
        "shape",
        "A reference that leads nowhere; anything is accepted in its place.",
        "OpenAPI: a reference must resolve.",
        "add what it points to, or correct the reference",
    ),
    broken(
        "ref-loop",
        "shape",
        "References that only lead back to each other; anything is accepted in their place.",
        "OpenAPI: a reference must resolve.",
        "let one of them be an object of its own",
    ),
    broken(
        "remote-ref",
        "shape",
        "A reference to a URL, which is not fetched; anything is accepted in its place.",
        "Importing reads the files of the description and nothing else.",
        "download the document, put it beside the description and point to the file",
    ),
    broken(
        "unloadable-ref",
        "shape",
        "A reference to another file that cannot be read; anything is accepted in its place.",
        "OpenAPI: a reference must resolve.",
        "put the file where the reference says",
    ),
)
"""About the document and its references."""

SERVERS = (
    lost(
        "missing-server",
        "request",
        "No server with a host is declared; the host becomes `localhost`.",
        "The platform needs a host in every definition.",
        'give the address of the service with --host, or add it to "servers"',
    ),
    broken(
        "bad-server-url",
        "request",
        "A server's URL is no HTTP address; the server is left out.",
        "The platform calls `http` and `https` hosts only.",
        'write it like "https://api.example.com/v1"',
    ),
    lost(
        "server-dropped",
        "request",
        "A further server; the first one is used.",
        "A Swagger 2.0 definition has one host.",
        "put the server that you want first",
    ),
    lost(
        "server-variable",
        "request",
        "A variable in the server's URL; its default is used.",
        "The host of a Swagger 2.0 definition is fixed.",
        "make the default the value that you want",
    ),
    lost(
        "operation-server",
        "request",
        "A path or operation with servers of its own; the server of the whole description is used.",
        "A Swagger 2.0 definition has one host.",
        "make a second connector for the other host",
    ),
)
"""About where the service is."""

OPERATIONS = (
    broken(
        "path-without-slash",
        "none",
        "A path that does not start with `/`; the slash is added.",
        "OpenAPI: a path starts with a slash.",
        'begin it with "/"',
    ),
    lost(
        "path-with-query",
        "request",
        "A path with a query or a fragment; it is kept as it is.",
        "The platform refuses such paths.",
        "move the query to parameters of the operation",
    ),
    broken(
        "duplicate-path",
        "request",
        "Two paths that are one to the platform; both are kept. Of two operations with one path and method, the first.",
        "The platform compares paths without regard to case and to the names of parameters.",
        "let the paths differ in more than that",
    ),
    lost(
        "method-dropped",
        "request",
        "An operation with a method that the platform does not have; it is left out.",
        "Swagger 2.0 has get, put, post, delete, options, head and patch.",
        "offer the operation under another method",
    ),
    note(
        "missing-operation-id",
        "An operation without `operationId`; one is made of its method and path.",
        "The platform requires one.",
    ),
    broken(
        "duplicate-operation-id",
        "none",
        "An `operationId` that occurred before; a new one is made of method and path.",
        "OpenAPI: ids are unique.",
        "give each operation an id of its own",
    ),
    note(
        "missing-summary",
        "An operation without `summary`; one is made of its id.",
        "The platform shows it as the operation's name.",
        'add "summary"',
    ),
    lost(
        "callback-dropped",
        "shape",
        "A callback, which is left out.",
        "Swagger 2.0 has no callbacks; the platform has webhook triggers, which are written in another way.",
        'mark the operation as a trigger: "x-ms-trigger" on it, "x-ms-notification-content" on its path',
    ),
    lost(
        "webhook-dropped",
        "shape",
        "A webhook, which is left out.",
        "Swagger 2.0 has no webhooks; the platform has webhook triggers, which need an operation that registers them.",
        'mark the operation that registers it as a trigger: "x-ms-trigger", "x-ms-notification-content"',
    ),
    lost(
        "text-dropped",
        "text",
        "A description or an `x-` field where Swagger 2.0 has no place for it.",
        "Swagger 2.0 has no object there.",
        "say it in the description of the operation",
    ),
    note("example-dropped", "Further examples; the first is kept.", "Swagger 2.0 has room for one example."),
    lost(
        "link-dropped",
        "text",
        "A link of a response, which is left out.",
        "Swagger 2.0 has no links.",
        "pass the value on by hand in the flow",
    ),
)
"""About paths and operations."""

PARAMETERS = (
    lost(
        "cookie-dropped",
        "request",
        "A cookie parameter, which is left out.",
        "Swagger 2.0 has no cookie parameters.",
        'set the "Cookie" header with a policy',
    ),
    note(
        "reserved-header",
        "A parameter for the header `Accept`, `Content-Type` or `Authorization`, which is left out.",
        "OpenAPI: such parameters are ignored; media types and security schemes say it.",
    ),
    lost(
        "parameter-style",
        "request",
        "A parameter whose style the platform does not have.",
        "Swagger 2.0 writes single values as they are and joins lists; it has no label, matrix or object styles.",
        "type the value as it has to be on the wire",
    ),
    lost(
        "parameter-content",
        "request",
        "A parameter that holds a document; it becomes a text.",
        "A Swagger 2.0 parameter is a single value or a list.",
        "type the document as text",
    ),
    lost(
        "free-form-query",
        "request",
        "A query parameter that stands for any number of parameters, which is left out.",
        "Swagger 2.0 needs a name for each parameter.",
        "declare the parameters that you need",
    ),
    lost(
        "parameter-objects",
        "request",
        "A list whose elements are objects or lists of unknown shape; its elements become texts.",
        "Elements of a Swagger 2.0 parameter are single values or lists of them.",
        "type each element as text",
    ),
    lost(
        "allow-reserved",
        "request",
        "Reserved characters that are to be sent as they are; they are percent-encoded.",
        "The platform encodes every query value.",
        "check that the service takes the encoded form",
    ),
    note(
        "collection-format",
        "A list that is sent in another way than joined with commas.",
        "The platform is only known to join with commas; `multi`, `ssv` and `pipes` are correct Swagger 2.0.",
        "check it on the platform",
    ),
    note(
        "untyped-parameter",
        "A parameter without a type, or with several; it becomes a text.",
        "Swagger 2.0 wants one type for each parameter. On the wire it is the same.",
    ),
    broken(
        "duplicate-parameter",
        "request",
        "A parameter that occurred before with the same name and place; the first one is used.",
        "OpenAPI: name and place are unique.",
        "take one of them out",
    ),
    broken(
        "undeclared-path-parameter",
        "none",
        "A placeholder of the path without a parameter; a required text is added.",
        "OpenAPI: each placeholder has a parameter.",
        "declare the parameter",
    ),
    broken(
        "unused-path-parameter",
        "request",
        "A path parameter without a placeholder, which is left out.",
        "OpenAPI: a path parameter has a placeholder in the path.",
        "add the placeholder, or take the parameter out",
    ),
    broken(
        "parameter-without-name",
        "request",
        "A parameter without name or with an unknown place, which is left out.",
        "OpenAPI: `name` and `in` (path, query, header, cookie) are required.",
        'add "name" and "in"',
    ),
)
"""About parameters."""

BODIES = (
    lost(
        "content-type-dropped",
        "request",
        "A further media type of a body or a reply, which is left out.",
        "An operation has one body and a reply one schema in Swagger 2.0.",
        "leave only the media type that you want",
    ),
    lost(
        "body-dropped",
        "request",
        "The body of a GET or HEAD, which is left out.",
        "The platform refuses a body there (`BodyOrFormDataParameterInFetchOperationNotAllowed`).",
        "offer the operation under POST",
    ),
    lost(
        "form-object",
        "request",
        "A form field that holds an object; it becomes a text.",
        "A Swagger 2.0 form field is a single value, a list or a file.",
        "type the object as JSON text",
    ),
    lost(
        "file-list",
        "request",
        "A form field with several files; one file can be sent.",
        "Swagger 2.0 has no lists of files.",
        "call the operation once for each file",
    ),
    lost(
        "free-form",
        "request",
        "A form whose fields are not declared; only the declared ones can be sent.",
        "Swagger 2.0 needs a name for each form field.",
        "declare the fields that you need",
    ),
    lost(
        "part-encoding",
        "request",
        "A form field with a media type or headers of its own, which are left out.",
        "Swagger 2.0 cannot describe the parts of a form.",
        "check that the service takes the field without",
    ),
    lost(
        "opaque-body",
        "shape",
        "A body in a format whose values the platform cannot read or write; it becomes a text.",
        "The platform knows values in JSON and in forms only.",
        "pass the text as the service wants it",
    ),
)
"""About bodies of requests and replies."""

RESPONSES = (
    lost(
        "response-range",
        "shape",
        "A response for a range of codes; it stands at the lowest code that is free.",
        "Swagger 2.0 has single codes only.",
        "declare the codes that the service sends",
    ),
    broken(
        "bad-response-code",
        "shape",
        "A response under a code that is none, which is left out.",
        "OpenAPI: three digits, a range like `2XX`, or `default`.",
        "correct the code",
    ),
    note(
        "missing-responses",
        "An operation without responses; an empty `default` is added.",
        "Swagger 2.0 requires one.",
        "declare what the service answers",
    ),
)
"""About replies."""

SCHEMAS = (
    lost(
        "union-flattened",
        "shape",
        "A choice (`oneOf`, `anyOf`) between schemas of one kind; it becomes one schema with the properties of all.",
        "Swagger 2.0 has no `oneOf` and `anyOf`.",
        "use the properties that fit",
    ),
    lost(
        "union-opened",
        "shape",
        "A choice (`oneOf`, `anyOf`) between schemas of different kinds; anything is accepted.",
        "Swagger 2.0 has no `oneOf` and `anyOf`, and one type for each schema.",
        "write an operation of your own for the kind that you need",
    ),
    lost(
        "several-types",
        "shape",
        "A schema with several types; anything is accepted.",
        "Swagger 2.0 has one type for each schema on the platform.",
        "keep the type that you need",
    ),
    lost(
        "not-dropped",
        "shape",
        "`not`, which is left out.",
        "Swagger 2.0 does not have it.",
        "describe what is allowed instead",
    ),
    lost(
        "condition-dropped",
        "shape",
        "A condition (`if`/`then`/`else`, `dependentRequired`, `dependentSchemas`), which is left out.",
        "Swagger 2.0 does not have it.",
        "say it in the description",
    ),
    lost(
        "pattern-properties",
        "shape",
        "`patternProperties` or `propertyNames`; any name is accepted.",
        "Swagger 2.0 does not have them.",
        "say it in the description",
    ),
    lost(
        "tuple-items",
        "shape",
        "A list with a schema for each position; one schema for all elements is left.",
        "Swagger 2.0 has one schema for all elements.",
        "say it in the description",
    ),
    lost(
        "contains-dropped",
        "shape",
        "`contains`, which is left out.",
        "Swagger 2.0 does not have it.",
        "say it in the description",
    ),
    lost(
        "unevaluated-dropped",
        "shape",
        "`unevaluatedProperties` or `unevaluatedItems`, which is left out.",
        "Swagger 2.0 does not have them.",
        'use "additionalProperties"',
    ),
    lost(
        "content-dropped",
        "shape",
        "A text that holds an encoded document; it stays a text of any content.",
        "Swagger 2.0 does not have `contentSchema` and encodings other than base64.",
        "encode and decode it in the flow",
    ),
    broken(
        "too-deep",
        "shape",
        "Schemas that are made of each other over very many steps; anything is accepted.",
        "A limit of the import, far above what people write.",
        "make the schema of fewer parts",
    ),
    lost(
        "dynamic-ref",
        "shape",
        "`$dynamicRef`; it is followed like `$ref`.",
        "Swagger 2.0 does not have it.",
        'use "$ref"',
    ),
    lost(
        "discriminator-dropped",
        "shape",
        "A `discriminator` that Swagger 2.0 cannot express; its values become the choices of the property.",
        "The platform wants it to be a required text property of the same schema, and it has no mapping.",
        "use the properties that fit",
    ),
    lost(
        "false-schema",
        "shape",
        "A schema that forbids everything; anything is accepted.",
        "Swagger 2.0 has no `false` schemas.",
        "take the property out",
    ),
    broken(
        "default-mismatch",
        "shape",
        "A default that its own schema forbids; it is kept as `x-default`.",
        "OpenAPI: a default must fit its schema.",
        "correct the default",
    ),
    broken(
        "unknown-type",
        "shape",
        "A type that does not exist; anything is accepted.",
        "The types are string, number, integer, boolean, array, object.",
        "correct the type",
    ),
    note(
        "unknown-keyword",
        "A keyword that OpenAPI does not know in a schema; it is kept with `x-` before it.",
        "Swagger 2.0 allows only its own keywords and `x-` ones.",
    ),
)
"""About schemas."""

SECURITY = (
    note(
        "bearer-as-api-key",
        "A bearer token; it becomes an API key in the header `Authorization`.",
        "Swagger 2.0 has no bearer tokens; the platform sends the key as it is typed.",
        'type "Bearer " and the token into the connection',
    ),
    lost(
        "http-scheme",
        "request",
        "An HTTP authentication scheme that cannot be done with a fixed header, which is left out.",
        "The platform has API keys, basic authentication and OAuth 2.",
        "use another way of signing in",
    ),
    lost(
        "cookie-key-dropped",
        "request",
        "An API key in a cookie, which is left out.",
        "Swagger 2.0 has keys in headers and queries only.",
        'set the "Cookie" header with a policy',
    ),
    lost(
        "client-certificate",
        "request",
        "Sign-in with a client certificate (`mutualTLS`), which is left out.",
        "The platform has no client certificates for custom connectors.",
        "use another way of signing in",
    ),
    lost(
        "oauth-flow-dropped",
        "request",
        "A further OAuth 2 flow; the first that the platform can use is kept.",
        "A Swagger 2.0 security definition has one flow, and a connection one sign-in.",
        "leave only the flow that you want",
    ),
    lost(
        "oauth-flow",
        "request",
        "OAuth 2 without an authorization code; the platform signs in with one all the same.",
        "The platform's generic OAuth 2 provider knows the authorization code flow only.",
        "register an application that uses authorization codes",
    ),
    lost(
        "openid-connect",
        "request",
        "OpenID Connect; it becomes OAuth 2 with addresses that stand for the real ones.",
        "Swagger 2.0 has no OpenID Connect.",
        "put in the addresses that the discovery document names",
    ),
    lost(
        "security-alternatives",
        "request",
        "Several ways of signing in of which one is enough; the connection asks for all of them.",
        "A connection has one set of credentials.",
        "keep the way that you want",
    ),
    note(
        "optional-security",
        "Signing in is optional; the connector signs in always.",
        "A connection has credentials or it has none.",
    ),
    note(
        "roles-dropped",
        "Roles of a way of signing in that is not OAuth 2, which are left out.",
        "The platform allows scopes with OAuth 2 only.",
    ),
    broken(
        "undefined-security",
        "request",
        "A requirement for a security scheme that is not declared, which is left out.",
        "OpenAPI: schemes stand under `components.securitySchemes`.",
        "declare the scheme",
    ),
    broken(
        "bad-security-scheme",
        "request",
        "A security scheme of an unknown type or without a required field, which is left out.",
        "OpenAPI: apiKey, http, mutualTLS, oauth2 and openIdConnect, each with its fields.",
        "correct the scheme",
    ),
)
"""About signing in."""

RULES = (*DOCUMENT, *SERVERS, *OPERATIONS, *PARAMETERS, *BODIES, *RESPONSES, *SCHEMAS, *SECURITY)
"""All kinds in the order of the manual page."""

BY_ID = {rule.id: rule for rule in RULES}
"""The same by id."""
