"""Every kind of finding that reading a Postman collection can give: one id each, with the reason behind it.

What lives here is a table. The sentence about one place is written where the place is met.
"""

from __future__ import annotations

from .rule import broken, lost, note

DOCUMENT = (
    lost(
        "unknown-version",
        "none",
        "The collection is of a newer format; it is read like 2.1.",
        "2.0 and 2.1 are known.",
        "look over the operations of the connector",
    ),
    broken(
        "missing-title",
        "text",
        "The collection has no name; the name of the file becomes the title.",
        "Postman: `info.name` is required.",
        'add "name" to "info"',
    ),
    note(
        "missing-api-version",
        "The collection has no version; it becomes `1.0`.",
        "The platform requires one.",
        'add "version" to "info"',
    ),
    note(
        "text-length",
        "A title over 30 or a description over 500 characters; it stays.",
        "Certification takes no more; saving a connector does.",
        "shorten it before the connector is certified",
    ),
    lost(
        "wrong-type",
        "shape",
        "A value is of another type than Postman writes; it is left out.",
        "Postman's schema fixes the types of its fields.",
        "correct the value, or take it out",
    ),
    broken(
        "no-operations",
        "request",
        "No request of the collection became an operation, so there is nothing to call.",
        "A connector calls operations.",
        "add requests to the collection",
    ),
    broken(
        "item-without-request",
        "request",
        "An item that is neither a request nor a folder, which is left out.",
        "Postman: an item has `request` or `item`.",
        "add the request",
    ),
    broken(
        "request-without-url",
        "request",
        "A request that calls no URL, which is left out.",
        "An operation needs a path.",
        "add the URL",
    ),
    note(
        "scripts-kept-back",
        "Scripts before requests and tests after them, which stay in the collection.",
        "A connector runs no scripts of Postman.",
        "keep the collection; what a script works out has to be given to the operation",
    ),
    note(
        "reply-headers",
        "Headers of saved responses, which are not carried over.",
        "They are what was once sent, most of them by servers and proxies, not what the service promises.",
        'add those that matter to "headers" of the response',
    ),
)
"""About the collection."""

HOSTS = (
    lost(
        "missing-server",
        "request",
        "The host of most requests is not in the collection; it becomes `localhost`.",
        "The platform needs a host in every definition; values of environments are not part of a collection.",
        "give the address of the service with --host, or give the variable a value in the collection",
    ),
    broken(
        "bad-server-url",
        "request",
        "A URL that is no HTTP address; its host becomes `localhost`.",
        "The platform calls `http` and `https` hosts only.",
        'write it like "https://api.example.com/v1"',
    ),
    note(
        "other-host",
        "Requests to another host than most; a policy sends their operations there.",
        "A Swagger 2.0 definition has one host.",
    ),
    note(
        "host-parameter",
        "Requests to a further host that the collection does not name; the connection asks for it.",
        "A Swagger 2.0 definition has one host; the policy `dynamichosturl` can take it from the connection.",
        "fill it in when you make the connection",
    ),
    note(
        "mixed-schemes",
        "Requests to one host with `http` and with `https`; all are sent in the way of most.",
        "The platform uses the first of the definition's schemes.",
    ),
)
"""About where the service is."""

OPERATIONS = (
    lost(
        "method-dropped",
        "request",
        "A request with a method that the platform does not have; it is left out.",
        "Swagger 2.0 has get, put, post, delete, options, head and patch.",
        "offer the operation under another method",
    ),
    note(
        "requests-merged",
        "Several requests with one method and path; they are one operation, with the texts of the first.",
        "The platform has one operation for each method and path. What is not in all of them is optional.",
    ),
    note(
        "request-routed",
        "A request with the method and path of another, but to another host or with another kind of body; its "
        "operation has a path of its own and a policy that sends it to the real one.",
        "The platform has one operation for each method and path.",
    ),
    note(
        "literal-ids",
        "Paths that differ in a value only; each is an operation with that value in its path.",
        "Only a path variable (`:id`) or a variable (`{{id}}`) says that a segment is a parameter.",
        "replace the value in the collection by a variable",
    ),
    note(
        "secret-in-path",
        "A segment of a path that holds a secret of the collection; it becomes a parameter.",
        "Secrets are not carried over.",
    ),
)
"""About paths and operations."""

PARAMETERS = (
    broken(
        "parameter-without-name",
        "request",
        "A query parameter, header or form field without a name that can be sent, which is left out.",
        "HTTP: names of headers are letters, digits and hyphens; other parameters need some name.",
        "correct the name",
    ),
    lost(
        "connection-id",
        "request",
        "A query parameter, header or form field called `connectionId`, which is left out.",
        "The platform adds a parameter of that name and refuses another one (`ConnectionIdParameterNotAllowed`).",
        'set it by the policy "setqueryparameter" or "setheader"',
    ),
    note(
        "reserved-parameter",
        "A header that those who send requests set themselves, such as `Date` or `Range`; it becomes a parameter.",
        "The platform refuses some (`ReservedParameterIsUsed`); its list is not published, and no published connector "
        "has one of these.",
        'if the platform refuses it, take the parameter out and set the header by the policy "setheader"',
    ),
    lost(
        "variable-name",
        "request",
        "A query parameter, header or form field whose name is a variable without a value, which is left out.",
        "Swagger 2.0 needs a name for each parameter.",
        "give the variable a value in the collection",
    ),
    note(
        "transport-header",
        "A header that whoever sends the request sets itself, which is left out.",
        "It describes the transfer, and no other value can be right.",
    ),
    note(
        "content-type-without-body",
        "A `Content-Type` of a request that sends no body, which is left out.",
        "The platform sends the header together with a body.",
    ),
    note(
        "collection-format",
        "A parameter that occurs several times in a request; it becomes a list that is sent in that way.",
        "The platform is only known to join with commas; `multi` is correct Swagger 2.0.",
        "check it on the platform",
    ),
    note(
        "unknown-variables",
        "Variables that have no value in the collection; whoever calls the operation gives it.",
        "Values of environments are not part of a collection, and secret ones are not carried over.",
    ),
    note(
        "dynamic-variables",
        "Variables that Postman makes up a value for at each sending; whoever calls the operation gives it.",
        "The platform makes up no values.",
        "use an expression of the flow, for example guid() or utcNow()",
    ),
)
"""About parameters and values."""

BODIES = (
    lost(
        "body-dropped",
        "request",
        "The body of a GET or HEAD, which is left out.",
        "The platform refuses a body there (`BodyOrFormDataParameterInFetchOperationNotAllowed`).",
        "offer the operation under POST",
    ),
    note(
        "body-not-sent",
        "A body that Postman does not send either, which is left out.",
        "Postman sends no body with GET and HEAD unless told to, and none that is disabled.",
    ),
    lost(
        "content-type-dropped",
        "request",
        "A further media type of a body or a reply, which is left out.",
        "An operation has one body and a reply one schema in Swagger 2.0.",
        "leave only the media type that you want",
    ),
    note(
        "content-type-set",
        "A JSON body that is sent as another media type; a policy sets the header.",
        "Only the body of a JSON media type has fields.",
    ),
    lost(
        "unreadable-body",
        "shape",
        "A body that should be JSON and is none; anything is accepted.",
        "Its schema is made of its value.",
        "correct the body",
    ),
    lost(
        "file-list",
        "request",
        "A form field with several files; one file can be sent.",
        "Swagger 2.0 has no lists of files.",
        "call the operation once for each file",
    ),
    lost(
        "part-encoding",
        "request",
        "A form field with a media type of its own, which is left out.",
        "Swagger 2.0 cannot describe the parts of a form.",
        "check that the service takes the field without",
    ),
    lost(
        "form-field-name",
        "request",
        "A form field whose name is not ASCII, which is left out.",
        "The platform refuses such names (`InvalidFormDataParameterName`).",
        "offer the field under another name",
    ),
    lost(
        "unknown-body-mode",
        "request",
        "A body of a mode that is not known, which is left out.",
        "Postman has raw, urlencoded, formdata, file and graphql.",
        "save the body in one of these modes",
    ),
)
"""About bodies."""

SCHEMAS = (
    lost(
        "several-types",
        "shape",
        "A value that is of another type in another request or response; anything is accepted.",
        "Swagger 2.0 has one type for each schema on the platform.",
        "keep the type that you need",
    ),
    lost(
        "too-deep",
        "shape",
        "A value of very many levels; from a depth on anything is accepted.",
        "A limit of the import, far above what people write.",
        "make the example smaller",
    ),
    note(
        "example-dropped",
        "An example that is left out: it holds a secret, or is very long.",
        "Secrets are not carried over, and the platform takes definitions of 1 MB.",
    ),
)
"""About schemas made of examples."""

RESPONSES = (
    broken(
        "bad-response-code",
        "shape",
        "A saved response without a usable status code; it stands under `default`.",
        "HTTP: a status is a number of three digits.",
        "correct the code",
    ),
    note(
        "missing-responses",
        "An operation without a saved response of success; an empty `default` is added.",
        "Swagger 2.0 requires a response, and what the service answers is not known.",
        "save a response in Postman, and import again",
    ),
)
"""About replies."""

SECURITY = (
    note(
        "bearer-as-api-key",
        "A token in `Authorization`; it becomes an API key in that header.",
        "Swagger 2.0 has no bearer tokens; the platform sends the key as it is typed.",
        'type "Bearer " and the token into the connection',
    ),
    note(
        "header-as-api-key",
        "A header or query parameter that holds a credential; it becomes an API key of the connection.",
        "A credential belongs to the connection, not to each call.",
    ),
    note(
        "several-credentials",
        "Requests that sign in with different values in the same way; a connection has one.",
        "A connection has one set of credentials.",
        "make a connection for each of them",
    ),
    lost(
        "auth-method",
        "request",
        "A way of signing in that the platform does not have, which is left out.",
        "The platform has API keys, basic authentication and OAuth 2; it computes no signatures.",
        "use another way of signing in",
    ),
    lost(
        "oauth-flow",
        "request",
        "OAuth 2 in a way that the platform does not have; it signs in with an authorization code in the usual way.",
        "The platform's generic OAuth 2 provider knows the authorization code flow without PKCE, and sends the token "
        "as a bearer token in the header.",
        "register an application that works in that way",
    ),
    note(
        "oauth-token",
        "OAuth 2 without usable addresses; a token that was got elsewhere is asked for.",
        "A connection can only sign in where it is told where.",
        "give the authorization and token addresses values in the collection",
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
    lost(
        "client-certificate",
        "request",
        "Sign-in with a client certificate, which is left out.",
        "The platform has no client certificates for custom connectors.",
        "use another way of signing in",
    ),
)
"""About signing in."""

RULES = (*DOCUMENT, *HOSTS, *OPERATIONS, *PARAMETERS, *BODIES, *SCHEMAS, *RESPONSES, *SECURITY)
"""All kinds in the order of the manual page."""

BY_ID = {rule.id: rule for rule in RULES}
"""The same by id."""
