"""Changes of a contract that its owner may make: those that are refused before anything is generated, and others."""

from __future__ import annotations

import copy
from typing import Any

Node = dict[str, Any]

TEXT: Node = {"type": "string"}
NUMBER: Node = {"type": "integer"}
FILE: Node = {"type": "string", "format": "binary"}


def ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def obj(properties: Node, *required: str, **more: Any) -> Node:
    return {"type": "object", "properties": properties, "required": list(required), **more}


def listed(items: Node) -> Node:
    return {"type": "array", "items": items}


def with_(**schemas: Any) -> Node:
    """Schemas, of which the operation returns `Thing`."""
    return {"schemas": schemas}


def parameter(schema: Node | None = None, where: str = "query", name: str = "ids", **more: Any) -> Node:
    """An operation with one parameter."""
    node = {"name": name, "in": where, "required": where == "path", "schema": schema or TEXT, **more}
    return {"op": {"parameters": [node]}, "path": f"/api/Try/{{{name}}}" if where == "path" else "/api/Try"}


def body(schema: Node | None, media: str = "multipart/form-data", **more: Any) -> Node:
    """An operation that is sent something."""
    content = {media: {"schema": schema, **more} if schema is not None else more}
    return {"op": {"requestBody": {"content": content}}, "method": "post"}


def answer(media: str, schema: Node | None, status: str = "200") -> Node:
    """An operation that is answered with something."""
    content = {media: {"schema": schema} if schema is not None else {}}
    return {"op": {"responses": {status: {"description": "d", "content": content}}}}


def scheme(**kind: Any) -> Node:
    """An operation that wants another proof of who is calling."""
    return {"securitySchemes": {"other": kind}, "op": {"security": [{"other": []}]}}


CAT = obj({"kind": {"const": "cat"}, "lives": NUMBER}, "kind")
DOG = obj({"kind": {"enum": ["dog"], "type": "string"}, "tricks": listed(TEXT)}, "kind")
LEVEL = {"type": "string", "enum": ["low", "high"]}
PET = {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}}

#: An evolution of the contract, and a word of the place and of the problem that are told.
REFUSED: dict[str, tuple[Node, str, str]] = {
    "explode false": (parameter(listed(TEXT), explode=False), "parameter ids", "explode: false"),
    "deepObject": (parameter(obj({"k": TEXT}), style="deepObject"), "parameter ids", "deepObject"),
    "pipeDelimited": (parameter(listed(TEXT), style="pipeDelimited"), "parameter ids", "pipeDelimited"),
    "spaceDelimited": (parameter(listed(TEXT), style="spaceDelimited"), "parameter ids", "spaceDelimited"),
    "allowReserved": (parameter(allowReserved=True), "parameter ids", "allowReserved"),
    "parameter by content": (
        {"op": {"parameters": [{"name": "ids", "in": "query", "content": {"application/json": {"schema": TEXT}}}]}},
        "parameter ids",
        "no schema",
    ),
    "nested object in query": (parameter(obj({"k": obj({"x": TEXT})})), "parameter ids", "object"),
    "list of objects in query": (parameter(listed(obj({"k": TEXT}))), "parameter ids", "items"),
    "parameter of any type": (parameter({"description": "d"}), "parameter ids", "no type"),
    "matrix": (parameter(TEXT, "path", style="matrix"), "parameter ids", "matrix"),
    "label": (parameter(TEXT, "path", style="label"), "parameter ids", "label"),
    "list in path": (parameter(listed(TEXT), "path"), "parameter ids", "array"),
    "truth in path": (parameter({"type": "boolean"}, "path"), "parameter ids", "True"),
    "time in path": (parameter({**TEXT, "format": "date-time"}, "path"), "parameter ids", "space"),
    "null in path": (parameter({"type": ["string", "null"]}, "path"), "parameter ids", "None"),
    "list in header": (parameter(listed(TEXT), "header"), "parameter ids", "array"),
    "date in header": (parameter({**TEXT, "format": "date"}, "header"), "parameter ids", "date"),
    "const in header": (parameter({"const": "v"}, "header"), "parameter ids", "const"),
    "null in header": (parameter({"type": ["string", "null"]}, "header"), "parameter ids", "None"),
    "number in cookie": (parameter(NUMBER, "cookie"), "parameter ids", "only text"),
    "Authorization as parameter": (parameter(TEXT, "header", "Authorization"), "Authorization", "passes"),
    "parameter called headers": (parameter(TEXT, "query", "headers"), "parameter headers", "itself"),
    "parameter called body": (
        {"op": {**parameter(TEXT, "query", "body")["op"], **body(ref("Thing"), "application/json")["op"]}},
        "parameter body",
        "itself",
    ),
    "parameter of a path": (
        {"item": {"parameters": [parameter(NUMBER, "cookie")["op"]["parameters"][0]]}},
        "ids",
        "text",
    ),
    "path without its parameter": ({"path": "/api/Try/{id}"}, "GET /api/Try/{id}", "no parameter"),
    "parameter without its path": ({**parameter(TEXT, "path"), "path": "/api/Try"}, "GET /api/Try", "not in the path"),
    "query in path": ({"path": "/api/Try?x=1"}, "GET /api/Try", "query"),
    "octet-stream": (body(FILE, "application/octet-stream"), "request body", "asyncio"),
    "text body": (body(TEXT, "text/plain"), "request body", "text/plain"),
    "xml body": (body(ref("Thing"), "application/xml"), "request body", "application/xml"),
    "body without schema": (body(None, "application/json"), "request body", "no schema"),
    "two media types": (
        {
            "op": {
                "requestBody": {
                    "content": {m: {"schema": ref("Thing")} for m in ("application/json", "multipart/form-data")}
                }
            }
        },
        "request body",
        "2 media types",
    ),
    "contentMediaType": (body(obj({"f": {**TEXT, "contentMediaType": "image/png"}})), "field f", "contentMediaType"),
    "list of contentMediaType": (
        body(obj({"f": listed({**TEXT, "contentMediaType": "image/png"})})),
        "field f",
        "text",
    ),
    "file in a form": (body(obj({"f": FILE}), "application/x-www-form-urlencoded"), "field f", "file"),
    "object in multipart": (body(obj({"f": obj({"x": TEXT})})), "field f", "not sent"),
    "truth in multipart": (body(obj({"f": {"type": "boolean"}})), "field f", "True"),
    "number as const in multipart": (body(obj({"f": {"const": 5}})), "field f", "const"),
    "null in multipart": (body(obj({"f": {"type": ["string", "null"]}})), "field f", "null"),
    "list as form": (body(listed(TEXT)), "request body", "object"),
    "union that may be absent": (
        body({"type": ["string", "null"]}, "application/json"),
        "request body",
        "may be absent",
    ),
    "encoding": (body(obj({"f": FILE}), encoding={"f": {"contentType": "image/png"}}), "request body", "encoding"),
    "file in JSON": (body(obj({"f": FILE}), "application/json"), "f", "binary"),
    "file in a JSON answer": (with_(Thing=obj({"f": FILE})), "f", "binary"),
    "pdf": (answer("application/pdf", FILE), "response 200", "application/pdf"),
    "bytes without format": (answer("application/octet-stream", TEXT), "response 200", "bytes"),
    "number as text": (answer("text/plain", NUMBER), "response 200", "text"),
    "JSON without schema": (answer("application/json", None), "response 200", "no schema"),
    "stream alone": (answer("text/event-stream", TEXT), "response 200", "code of its own"),
    "two answers at once": (
        {
            "op": {
                "responses": {
                    "200": {
                        "description": "d",
                        "content": {m: {"schema": TEXT} for m in ("application/json", "text/csv")},
                    }
                }
            }
        },
        "response 200",
        "text/csv",
    ),
    "status nobody knows": (answer("application/json", ref("Thing"), "299"), "GET /api/Try", "299"),
    "basic": (scheme(type="http", scheme="basic"), "security", "basic"),
    "apiKey": (scheme(type="apiKey", name="X-Key", **{"in": "header"}), "security", "apiKey"),
    "oauth2": (scheme(type="oauth2", flows={}), "security", "oauth2"),
    "openIdConnect": (
        scheme(type="openIdConnect", openIdConnectUrl="https://x.example.com"),
        "security",
        "openIdConnect",
    ),
    "mutualTLS": (scheme(type="mutualTLS"), "security", "mutualTLS"),
    "two at once": ({"op": {"security": [{"sessionToken": [], "apiKey": []}]}}, "security", "together"),
    "scheme of nobody": ({"op": {"security": [{"nobody": []}]}}, "security", "nobody"),
    "server of its own": ({"op": {"servers": [{"url": "https://x.example.com"}]}}, "GET /api/Try", "servers"),
    "another method": ({"method": "head"}, "/api/Try", "head"),
    "operationId twice": ({"op": {"operationId": "listCountries"}}, "GET /api/Try", "listCountries"),
    "operationId but for case": ({"op": {"operationId": "list_countries"}}, "list_countries", "module"),
    "names but for case": (
        with_(VLAN=obj({"x": TEXT}), Vlan=obj({"y": TEXT}), Thing=obj({})),
        "VLAN and Vlan",
        "models/vlan",
    ),
    "names but for a line": (with_(FooBar=obj({}), Foo_Bar=obj({}), Thing=obj({})), "Foo_Bar", "models/foo_bar"),
    "schema Client": (with_(Client=obj({}), Thing=obj({})), "schema Client", "of its own"),
    "schema Response": (with_(Response=obj({}), Thing=obj({})), "schema Response", "of its own"),
    "property d": (with_(Thing=obj({"d": TEXT})), "schema Thing.d", "itself"),
    "property to_dict": (with_(Thing=obj({"toDict": TEXT})), "schema Thing.toDict", "itself"),
    "property d, inherited": (
        with_(Base=obj({"d": TEXT}), Thing={"allOf": [ref("Base"), obj({})]}),
        "schema Base.d",
        "itself",
    ),
    "three of a name": (
        with_(Thing=obj({"a-b": TEXT, "a_b": TEXT, "aB": TEXT, "a.b": TEXT})),
        "schema Thing",
        "same name",
    ),
    "another file": (with_(Thing={"$ref": "other.yaml#/Thing"}), "schemas.Thing", "another document"),
    "another host": (with_(Thing={"$ref": "https://x.example.com/a.yaml#/Thing"}), "schemas.Thing", "another document"),
    "reference to nothing": (with_(Thing=ref("Nothing")), "schemas.Thing", "nothing"),
    "reference in a circle": (with_(Thing=ref("Other"), Other=ref("Thing")), "schemas.Thing", "circle"),
    "reference into a schema": (
        with_(Thing=obj({"a": {"$ref": "#/components/schemas/Country/properties/name"}})),
        "a",
        "named",
    ),
    "words beside a reference": (
        with_(Thing=obj({"a": {**ref("Country"), "required": ["x"]}})),
        "Thing",
        "required beside",
    ),
    "$defs": (with_(Thing=obj({}, **{"$defs": {"A": TEXT}})), "schema Thing", "$defs"),
    "parameter that is a reference": (
        {"parameters": {"Other": {"$ref": "#/components/parameters/RequestId"}}},
        "components.parameters.Other",
        "reference",
    ),
    "nullable": (with_(Thing=obj({"a": {**TEXT, "nullable": True}})), "schema Thing.a", "nullable"),
    "items without type": (with_(Thing=obj({"a": {"items": TEXT}})), "schema Thing.a", "without type"),
    "array without items": (with_(Thing=obj({"a": {"type": "array"}})), "schema Thing.a", "without items"),
    "schema true": (with_(Thing=obj({"a": True})), "Thing", "true"),
    "no such type": (with_(Thing=obj({"a": {"type": "text"}})), "Thing", "text"),
    "mixed enum": (with_(Thing=obj({"a": {"enum": ["a", 1]}})), "schema Thing.a", "enum"),
    "quote in const": (with_(Thing=obj({"a": {"const": '"a"'}})), "schema Thing.a", "const has a quote"),
    "backslash in default": (
        with_(Thing=obj({"a": {"type": "string", "default": "\\d"}})),
        "schema Thing.a",
        "default has a quote or a backslash",
    ),
    "const that is an object": (with_(Thing=obj({"a": {"const": {"x": 1}}})), "schema Thing.a", "const"),
    "closed enum in an answer": (with_(Thing=obj({"a": LEVEL})), "schema Thing.a", "not in enum"),
    "closed enum by reference": (with_(Level=LEVEL, Thing=obj({"a": ref("Level")})), "schema Thing.a", "not in enum"),
    "closed enum in a list": (with_(Thing=obj({"a": listed(LEVEL)})), "schema Thing.a[]", "not in enum"),
    "closed enum of numbers": (
        with_(Thing=obj({"a": {"enum": [1, 2], "type": "integer"}})),
        "schema Thing.a",
        "not in enum",
    ),
    "closed enum or null": (
        with_(Thing=obj({"a": {"oneOf": [LEVEL, {"type": "null"}]}})),
        "schema Thing.a",
        "not in enum",
    ),
    "closed enum as an answer": (answer("application/json", LEVEL), "response 200", "not in enum"),
    "closed enum in a map": (with_(Thing=obj({}, additionalProperties=LEVEL)), "schema Thing.*", "not in enum"),
    "objects that nothing tells apart": (
        with_(Cat=obj({"kind": TEXT}, "kind"), Dog=obj({"kind": TEXT, "x": TEXT}, "kind"), Thing=obj({"pet": PET})),
        "schema Thing.pet",
        "tells them apart",
    ),
    "properties beside oneOf": (
        with_(Cat=CAT, Dog=DOG, Thing={**PET, "properties": {"x": TEXT}}),
        "Thing",
        "beside oneOf",
    ),
    "oneOf inside allOf": (with_(Cat=CAT, Dog=DOG, Thing={"allOf": [PET, obj({"x": TEXT})]}), "Thing", "inside allOf"),
    "described in two ways": (
        with_(Base=obj({"a": TEXT}), Thing={"allOf": [ref("Base"), obj({"a": NUMBER})]}),
        "Thing.a",
        "described in two ways",
    ),
    "another object in allOf": (
        with_(
            Cat=CAT, Base=obj({"a": ref("Cat")}), Thing={"allOf": [ref("Base")], "properties": {"a": ref("Country")}}
        ),
        "Thing.a",
        "described in two ways",
    ),
    "another const in allOf": (
        with_(Base=obj({"a": {"const": "x"}}), Thing={"allOf": [ref("Base"), obj({"a": {"const": "y"}})]}),
        "Thing.a",
        "described in two ways",
    ),
    "null in one of two": (
        with_(Base=obj({"a": TEXT}), Thing={"allOf": [ref("Base"), obj({"a": {"type": ["string", "null"]}})]}),
        "Thing.a",
        "described in two ways",
    ),
    "uuid in one of two": (
        with_(Base=obj({"a": TEXT}), Thing={"allOf": [ref("Base"), obj({"a": {**TEXT, "format": "uuid"}})]}),
        "Thing.a",
        "described in two ways",
    ),
    "another list in allOf": (
        with_(Base=obj({"a": listed(TEXT)}), Thing={"allOf": [ref("Base"), obj({"a": listed(NUMBER)})]}),
        "Thing.a",
        "described in two ways",
    ),
    "text inside allOf": (with_(Thing={"allOf": [TEXT, obj({"x": TEXT})]}), "Thing", "no object"),
    "writeOnly": (with_(Thing=obj({"a": {**TEXT, "writeOnly": True}}, "a")), "schema Thing.a", "writeOnly"),
    "readOnly": (body(obj({"a": {**TEXT, "readOnly": True}}, "a"), "application/json"), "request body.a", "readOnly"),
    "default out of range": (
        with_(Thing=obj({"a": {**NUMBER, "minimum": 5, "default": 1}})),
        "schema Thing.a",
        "default",
    ),
    "default of another kind": (with_(Thing=obj({"a": {**NUMBER, "default": "x"}})), "schema Thing.a", "default"),
    "default that is a list": (
        with_(Thing=obj({"a": {**listed(TEXT), "default": ["x"]}})),
        "schema Thing.a",
        "default",
    ),
    "no OpenAPI 3.1": ({"document": {"openapi": "3.0.3"}}, "the document", "3.0.3"),
    "no responses": ({"op": {"responses": []}}, "responses", "OpenAPI"),
}

TAKEN: dict[str, Node] = {
    "nothing new": {},
    "no operationId, no tag": {"op": {"operationId": None, "tags": None}},
    "list in query": parameter(listed(NUMBER)),
    "flat object in query": parameter(obj({"k": TEXT})),
    "explode false of one value": parameter(TEXT, explode=False),
    "date in path": parameter({**TEXT, "format": "date"}, "path"),
    "truth in header": parameter({"type": "boolean"}, "header"),
    "text in cookie": parameter(TEXT, "cookie"),
    "enum of a request": body(obj({"a": LEVEL}), "application/json"),
    "files": body(obj({"note": TEXT, "files": listed(FILE)}, "files")),
    "form": body(obj({"a": NUMBER, "b": listed(TEXT)}), "application/x-www-form-urlencoded"),
    "merge patch": {**body(ref("Thing"), "application/merge-patch+json"), "method": "patch"},
    "download": answer("*/*", FILE),
    "csv": answer("text/csv", TEXT),
    "range": answer("application/json", ref("Thing"), "2XX"),
    "no security": {"op": {"security": []}},
    "servers with variables": {
        "document": {"servers": [{"url": "https://{r}.example.com", "variables": {"r": {"default": "eu"}}}]}
    },
    "webhooks": {"document": {"webhooks": {"x": {"post": {"responses": {"200": {"description": "d"}}}}}}},
    "recursive": with_(
        Thing=obj({"children": listed(ref("Thing")), "next": {"anyOf": [ref("Thing"), {"type": "null"}]}})
    ),
    "open enum": with_(Thing=obj({"a": {"anyOf": [LEVEL, TEXT, {"type": "null"}]}})),
    "discriminator": with_(Cat=CAT, Dog=DOG, Thing=obj({"pet": PET})),
    "inheritance": with_(Base=obj({"id": TEXT}, "id"), Thing={"allOf": [ref("Base"), obj({"name": TEXT}, "name")]}),
    "described twice alike": with_(
        Base=obj({"a": TEXT, "b": {"type": "number"}, "c": {}, "day": TEXT, "e": listed(TEXT), "f": ref("Country")}),
        Thing={
            "allOf": [
                ref("Base"),
                obj(
                    {
                        "a": {**TEXT, "description": "d", "maxLength": 5},
                        "b": NUMBER,
                        "c": TEXT,
                        "day": {**TEXT, "format": "date"},
                        "e": listed({**TEXT, "minLength": 1}),
                        "f": ref("Country"),
                    },
                    "a",
                ),
            ]
        },
    ),
    "described reference": with_(
        Thing=obj({"a": {"allOf": [ref("Country")], "description": "d"}, "b": {**ref("Country"), "description": "d"}})
    ),
    "names that collide": with_(Thing=obj({"a-b": TEXT, "a_b": TEXT})),
    "odd names": with_(Thing=obj(dict.fromkeys(("class", "from", "2fa", "x-y", "to_json", "datetime"), TEXT))),
    "defaults": with_(
        Thing=obj({"a": {**NUMBER, "default": 5}, "b": {**TEXT, "format": "date", "default": "2026-01-01"}})
    ),
    "free form": with_(Thing=obj({"a": {}, "b": listed({}), "c": {"type": "object"}})),
    "a property called like a word": with_(
        Thing=obj({"default": {"$ref": "#/components/schemas/Country"}, "enum": TEXT})
    ),
}


BASE: Node = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/api/Country": {
            "get": {"operationId": "listCountries", "tags": ["reference"], "responses": {"204": {"description": "d"}}}
        }
    },
    "components": {
        "schemas": {"Country": obj({"name": TEXT})},
        "parameters": {"RequestId": {"name": "X-Request-ID", "in": "header", "schema": TEXT}},
        "securitySchemes": {key: {"type": "http", "scheme": "bearer"} for key in ("sessionToken", "apiKey")},
    },
}


def evolved(change: Node) -> Node:
    """A small contract with one more operation, and what a case changes besides."""
    spec = copy.deepcopy(BASE)
    for kind in ("schemas", "parameters", "securitySchemes"):
        spec["components"][kind] |= ({"Thing": obj({"a": TEXT})} if kind == "schemas" else {}) | change.get(kind, {})
    returned = {"description": "d", "content": {"application/json": {"schema": ref("Thing")}}}
    operation = {"operationId": "tryIt", "tags": ["reference"], "responses": {"200": returned}, **change.get("op", {})}
    operation = {name: value for name, value in operation.items() if value is not None}
    spec["paths"][change.get("path", "/api/Try")] = {change.get("method", "get"): operation, **change.get("item", {})}
    return {**spec, **change.get("document", {})}
