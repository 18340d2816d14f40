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
    note(
        "text-length",
        "A title over 30 or a description over 500 characters; it stays.",
        "Certification takes no more; saving a connector does.",
        "shorten it before the connector is certified",
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
        "A value is of another type than OpenAPI says; it is left out, or read as what it stands for (`yes` as true).",
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
        "bad-address",
        "text",
        "A URL or an e-mail address that is none; it is kept with `x-` before it, or percent-encoded where Swagger 2.0"
        " requires one.",
        "The platform refuses it (`UrlNotValid`, `ContactEmailNotValid`).",
        "correct the address",
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
        "A server's URL is no HTTP address, so that the server is left out; or it has a query, a fragment or a user,"
        " which are.",
        "The platform calls `http` and `https` hosts only, and an address is a scheme, a host and a path.",
        'write it like "https://api.example.com/v1"',
    ),
    note(
        "server-choice",
        "Several servers; they are the choices of a connection parameter, and a policy sends requests to one of them.",
        "A Swagger 2.0 definition has one host.",
    ),
    lost(
        "server-dropped",
        "request",
        "A server that is relative to where the description was fetched, which is not known; it is left out.",
        "The platform calls absolute addresses only.",
        "give the address of the service with --host",
    ),
    note(
        "server-variable",
        "A variable in the server's URL; it is a connection parameter, and a policy puts its value into the URL.",
        "The host of a Swagger 2.0 definition is fixed.",
    ),
    note(
        "operation-server",
        "A path or operation with servers of its own; a policy sends its requests there.",
        "A Swagger 2.0 definition has one host.",
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
    note(
        "path-moved",
        "A path with a query, a fragment or `*`, or one that is another's to the platform; the operation has a path of "
        "its own in the definition, and a policy sends its requests to the real one.",
        "The platform refuses such paths, and compares paths without regard to case and to the names of parameters.",
    ),
    note(
        "path-variable",
        "A placeholder of a path whose name the platform refuses; it has another one, which is never sent.",
        "The platform refuses `=`, `*` and the name `connectionId` there.",
    ),
    broken(
        "duplicate-path",
        "request",
        "Two operations with one path and method; the first is used.",
        "OpenAPI: a path occurs once.",
        "let the paths differ",
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
        "operation-ids-differ-by-case",
        "An `operationId` that is another one's but for case; both stay.",
        "OpenAPI compares ids with their case; whether the platform does is not known.",
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
        "A callback, or a part of one, that no trigger can be made of; it is left out.",
        "The platform has webhook triggers, one for a path; a POST or PUT takes their URL in its JSON body.",
        'take the URL in a property of the JSON body; or mark an operation as a trigger by hand: "x-ms-trigger" on it, '
        '"x-ms-notification-content" on its path, "x-ms-notification-url" on the property',
    ),
    note(
        "callback-trigger",
        "A callback that makes its operation a trigger.",
        "The platform has webhook triggers in its place; an operation is an action or a trigger.",
        "take the callback out of the description to keep the action",
    ),
    lost(
        "webhook-dropped",
        "shape",
        "A webhook, or a part of one, for which no operation clearly registers a URL; it is left out.",
        "The platform has webhook triggers, which need one operation that registers their URL.",
        'make a trigger by hand: mark the operation that registers a URL by "x-ms-trigger", its path by '
        '"x-ms-notification-content", and the property that carries the URL by "x-ms-notification-url"',
    ),
    note(
        "webhook-trigger",
        "A webhook that makes the operation that registers a URL for it a trigger.",
        "The platform has webhook triggers in its place; an operation is an action or a trigger.",
        "take the webhooks out of the description to keep the action",
    ),
    lost(
        "notification-part",
        "shape",
        "A parameter of a callback or webhook that is no header, or a body as its answer; it is left out.",
        "A trigger hands on the body and the headers that it is sent, and is answered 202.",
        "send it in the body",
    ),
    note(
        "notification-url",
        "The property that carries the URL of a trigger; it is marked, made required and hidden from people.",
        "The platform refuses a trigger whose URL is not marked, optional or asked for.",
        'mark it: "x-ms-notification-url": true, "x-ms-visibility": "internal", and make it required',
    ),
    lost(
        "notification-url-missing",
        "request",
        "A webhook trigger of which no property carries the URL; it cannot be registered.",
        "The platform refuses a trigger whose URL is not marked in a JSON body.",
        'mark the property that carries the URL by "x-ms-notification-url": true',
    ),
    note(
        "trigger-summary",
        "A trigger whose summary does not say when it fires; it stays.",
        "The platform's convention for the names of triggers.",
        'begin the summary with "When"',
    ),
    note(
        "trigger-not-ended",
        "A trigger that the platform cannot end, so that what it registered stays at the service.",
        "The platform calls DELETE on the `Location` of the reply to the registration.",
        'let the reply have the header "Location", or add it by a policy (setheader) that makes it of the body',
    ),
    note(
        "trigger-ending",
        "The operation that ends a trigger.",
        "The platform calls it by itself.",
        'hide it: "x-ms-visibility": "internal"',
    ),
    lost(
        "text-dropped",
        "text",
        "A description or an `x-` field where Swagger 2.0 has no place for it.",
        "Swagger 2.0 has no object there.",
        "say it in the description of the operation",
    ),
    note(
        "example-dropped",
        "Further examples, or one that stands elsewhere (`externalValue`); the first that is here is kept.",
        "Swagger 2.0 has room for one example, and for none behind a URL.",
    ),
    lost(
        "link-dropped",
        "text",
        "A link of a response, or a part of one; it is left out.",
        "The platform has pages and choices for a parameter; other values are passed on in a flow.",
        "pass the value on by hand in the flow",
    ),
    note(
        "link-as-pages",
        "A link to the next page, which becomes `x-ms-pageable`.",
        "The platform fetches pages by itself.",
        'add the policy "updatenextlink", without which the platform fetches further pages without signing in',
    ),
    note(
        "link-as-choices",
        "A link from a list to a parameter, which becomes `x-ms-dynamic-values` and `x-ms-dynamic-list`.",
        "The platform offers choices for a parameter by calling another operation.",
    ),
)
"""About paths and operations."""

PARAMETERS = (
    note(
        "cookie-header",
        "Cookie parameters; they are one header parameter, `Cookie`, typed as it is sent.",
        "Swagger 2.0 has no cookie parameters, and no policy can leave out a cookie that is not given.",
    ),
    lost(
        "cookie-replaced",
        "request",
        "Cookies of an operation with several ways of signing in, one of them a key in a cookie: with it they "
        "cannot be given.",
        "A credential takes the place of its whole header, and a policy has no conditions.",
        "declare one way of signing in for the operation",
    ),
    note(
        "reserved-header",
        "A parameter for the header `Accept`, `Content-Type` or `Authorization`, which is left out.",
        "OpenAPI: such parameters are ignored; media types and security schemes say it.",
    ),
    note(
        "reserved-parameter",
        "A parameter for a header that those who send requests set themselves, such as `Host`, `Range` or `Date`.",
        "The platform refuses some (`ReservedParameterIsUsed`); its list is not published, and no published connector "
        "has one of these.",
        'if the platform refuses it, take the parameter out and set the header by the policy "setheader"',
    ),
    lost(
        "connection-id",
        "request",
        "A query parameter or header called `connectionId`, which is left out.",
        "The platform adds a parameter of that name and refuses another one (`ConnectionIdParameterNotAllowed`).",
        'set it by the policy "setqueryparameter" or "setheader"',
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
    note(
        "list-or-single",
        "A parameter that takes a list or a single value; it becomes a list.",
        "Swagger 2.0 wants one type for each parameter. A list of one element is sent as the element is.",
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
    note(
        "form-json",
        "A field of an urlencoded form that holds an object; it becomes a text, typed as JSON.",
        "A Swagger 2.0 form field is a single value, a list or a file; JSON is what OpenAPI says such a field holds.",
    ),
    lost(
        "form-field-name",
        "request",
        "A form field whose name is empty, not ASCII or `connectionId`, which is left out.",
        "The platform refuses such names (`InvalidFormDataParameterName`, `ConnectionIdParameterNotAllowed`).",
        "offer the field under another name",
    ),
    broken(
        "bad-media-type",
        "request",
        "What should be the name of a media type and is none; one that is like it is taken.",
        "The platform refuses it (`MimeTypeNotValid`).",
        'correct the name, for example "application/json"',
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
    broken(
        "duplicate-header",
        "shape",
        "A header of a response that occurred before in another case, which is left out.",
        "HTTP: the names of headers have no case.",
        "take one of them out",
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
        "bad-bounds",
        "shape",
        "Bounds that no value can meet (a minimum above the maximum, a `multipleOf` of 0 or less); they are kept with "
        "`x-` before them.",
        "The platform refuses them (`MinimumShouldBeLessThanOrEqualToMaximum` and others).",
        "correct the bounds",
    ),
    lost(
        "bad-pattern",
        "shape",
        "A `pattern` that the platform cannot read; it is kept as `x-pattern`.",
        "The platform refuses it (`PatternShouldBeValidRegularExpression`): it reads .NET's expressions.",
        "write it without what only other languages have",
    ),
    lost(
        "nested-bytes",
        "shape",
        "Bytes (`format: binary`) that are a part of a value; they become a text.",
        "The platform takes bytes as a whole body or file only (`InvalidStringBinaryProperty`).",
        'encode them as base64, with the format "byte"',
    ),
    broken(
        "required-loop",
        "shape",
        "A property in which a schema requires a value of itself, without end; it is not required any more.",
        "The platform refuses it (`RequiredLoopInSchemaNotAllowed`); no value could be complete.",
        'take the property out of "required"',
    ),
    lost(
        "extension-refused",
        "text",
        "An `x-ms-` extension that the platform refuses as it is written; it, or the part that is wrong, is left out.",
        "The platform checks its extensions when a connector is saved.",
        "correct the extension",
    ),
    broken(
        "unknown-type",
        "shape",
        "A type that does not exist; anything is accepted.",
        "The types are string, number, integer, boolean, array, object.",
        "correct the type",
    ),
    note(
        "direction-variant",
        "A definition that requires what goes one way only; requests or replies use another one that does not.",
        "Swagger 2.0 has one `required` for both ways; the platform wants no read-only property as a required input.",
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
    note(
        "cookie-key",
        "An API key in a cookie; it becomes an API key in the header `Cookie`.",
        "Swagger 2.0 has keys in headers and queries only; the platform sends the key as it is typed.",
        'type the name of the cookie, "=" and the key into the connection',
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
        "sign-in",
        "A further OAuth 2 flow; the first that the platform can use is kept.",
        "A Swagger 2.0 security definition has one flow, and a connection one sign-in.",
        "leave only the flow that you want",
    ),
    lost(
        "one-sign-in",
        "sign-in",
        "OAuth 2 at another place than operations beside need it; all are sent the token of the first.",
        "A connection signs in once.",
        "import the operations of each into a connector of their own, with --only or --tag",
    ),
    lost(
        "oauth-flow",
        "sign-in",
        "OAuth 2 without an authorization code; the platform signs in with one all the same.",
        "The platform's generic OAuth 2 provider knows the authorization code flow only.",
        "register an application that uses authorization codes",
    ),
    lost(
        "openid-connect",
        "sign-in",
        "OpenID Connect; it becomes OAuth 2 with addresses that stand for the real ones.",
        "Swagger 2.0 has no OpenID Connect.",
        "put in the addresses that the discovery document names",
    ),
    note(
        "openid-connect-found",
        "OpenID Connect; it becomes OAuth 2 with the addresses that its discovery document names.",
        "Swagger 2.0 has no OpenID Connect.",
    ),
    note(
        "security-alternatives",
        "Several ways of signing in of which one is enough; each is a parameter set, of which a connection has one.",
        "A connection has one set of credentials.",
    ),
    note(
        "optional-security",
        "Signing in is optional; the connection parameters need not be filled in, or a parameter set has none.",
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
