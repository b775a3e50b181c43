#include "api/openapi.hpp"

#include "api/problem.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace factum::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kExactInteger = std::int64_t{1} << 53;

Json reference(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

Json schema_of(const Shape& shape);

Json text_schema(const Shape& shape) {
  Json schema{{"type", "string"}};
  if (shape.limits.min > 0) schema["minLength"] = shape.limits.min;
  if (shape.limits.max < SIZE_MAX) schema["maxLength"] = shape.limits.max;
  if (shape.limits.decimal) schema["pattern"] = "^([+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+))?$";
  return schema;
}

// Integers beyond 2^53 travel as strings.
Json integer_schema(const Shape& shape) {
  const bool exact = shape.limits.least > -kExactInteger && shape.limits.most < kExactInteger;
  Json schema{{"type", "integer"}, {"format", "int64"}};
  if (shape.limits.least > INT64_MIN && exact) schema["minimum"] = shape.limits.least;
  if (shape.limits.most < INT64_MAX && exact) schema["maximum"] = shape.limits.most;
  return schema;
}

Json object_schema(const Shape& shape) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const FieldShape& field : shape.fields) {
    Json schema = schema_of(field.shape);
    if (!field.doc.empty()) schema["description"] = field.doc;
    if (field.data_class != DataClass::fact) {
      schema["x-factum-class"] = to_string(field.data_class);
      schema["x-factum-owner"] = field.owner;
    }
    if (!field.optional && field.data_class == DataClass::fact) required.push_back(field.name);
    properties[field.name] = std::move(schema);
  }
  Json schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

Json schema_of(const Shape& shape) {
  switch (shape.kind) {
    case ShapeKind::text: return text_schema(shape);
    case ShapeKind::integer: return integer_schema(shape);
    case ShapeKind::wide_integer: return reference("WideInteger");
    case ShapeKind::number: return {{"type", {"number", "null"}}};
    case ShapeKind::boolean: return {{"type", "boolean"}};
    case ShapeKind::uuid:
      return {{"type", "string"}, {"format", "uuid"}, {"x-factum-kind", shape.id_kind}};
    case ShapeKind::timestamp: return {{"type", "string"}, {"format", "date-time"}};
    case ShapeKind::date: return {{"type", "string"}, {"format", "date"}};
    case ShapeKind::money: return reference("Money");
    case ShapeKind::symbol: return {{"type", "string"}, {"enum", shape.symbols}};
    case ShapeKind::sealed: return reference("Personal");
    case ShapeKind::object: return object_schema(shape);
    case ShapeKind::list:
      return {{"type", "array"},
              {"items", shape.element ? schema_of(*shape.element) : Json::object()}};
    case ShapeKind::map:
      return {{"type", "object"},
              {"additionalProperties", shape.element ? schema_of(*shape.element) : Json::object()}};
  }
  return Json::object();
}

Json parameter(std::string_view place, std::string_view name, std::string_view doc, Json schema,
               bool required = false) {
  Json row{{"name", name}, {"in", place}};
  if (required) row["required"] = true;
  if (!doc.empty()) row["description"] = doc;
  row["schema"] = std::move(schema);
  return row;
}

void add_path_parameters(Json& parameters, std::string_view pattern) {
  for (std::size_t open = pattern.find('{'); open != std::string_view::npos;
       open = pattern.find('{', open + 1)) {
    const std::size_t end = pattern.find_first_of(".}", open);
    const std::string_view name = pattern.substr(open + 1, end - open - 1);
    const std::string_view doc = pattern.at(end) == '.' ? "All segments that follow" : "";
    Json schema{{"type", "string"}};
    if (name == "id") schema["format"] = "uuid";
    parameters.push_back(parameter("path", name, doc, std::move(schema), true));
  }
}

// OpenAPI has no parameter that takes several segments; its description says so.
std::string documented_path(std::string pattern) {
  constexpr std::string_view kRest = "...}";
  if (pattern.ends_with(kRest)) pattern.replace(pattern.size() - kRest.size(), kRest.size(), "}");
  return pattern;
}

void add_header_parameters(Json& parameters, const Route& route) {
  const Json text{{"type", "string"}};
  const auto add = [&](std::string_view name, std::string_view doc, bool required = false) {
    parameters.push_back(parameter("header", name, doc, text, required));
  };
  if (route.writes) {
    add("Factum-Actor", "Who asks: user:<id>; trusted from this machine only", true);
    add("Idempotency-Key", "1 to 255 visible characters; a retry with the same key is safe");
    add("Prefer", "return=minimal leaves the body out");
  }
  if (route.if_match != IfMatch::unused) {
    const bool required = route.if_match == IfMatch::required;
    add("If-Match", "The ETag of the entity as it was read", required);
  }
  if (route.waits) add("Factum-Min-Position", "Wait until the view shows this position");
  if (route.method == "GET" && (route.as_of || route.waits))
    add("If-None-Match", "The ETag of the last answer");
}

Json parameters_of(const Route& route) {
  Json parameters = Json::array();
  add_path_parameters(parameters, route.pattern);
  if (route.query) {
    for (const FieldShape& field : route.query->fields) {
      parameters.push_back(
          parameter("query", field.name, field.doc, schema_of(field.shape), !field.optional));
    }
  }
  for (const CommonParameter& common : kCommonParameters) {
    if (route.*common.flag)
      parameters.push_back(parameter("query", common.name, common.doc, {{"type", "string"}}));
  }
  add_header_parameters(parameters, route);
  return parameters;
}

Json paged(Json item) {
  Json schema{{"type", "object"}, {"required", {"data", "page"}}};
  schema["properties"]["data"] = {{"type", "array"}, {"items", std::move(item)}};
  schema["properties"]["page"] = reference("Page");
  return schema;
}

Json responses_of(const Route& route) {
  Json answer = route.response ? schema_of(*route.response) : Json::object();
  if (route.paged) answer = paged(std::move(answer));
  Json responses;
  Json& success = responses[std::to_string(route.success)];
  success["description"] = route.success == 201 ? "Created" : "Done";
  success["content"][route.response_type]["schema"] = std::move(answer);
  Json& problem = responses["default"];
  problem["description"] = "A problem document (RFC 9457)";
  problem["content"]["application/problem+json"]["schema"] = reference("Problem");
  return responses;
}

Json operation_of(const Route& route) {
  Json operation{{"operationId", route.operation}, {"summary", route.summary}};
  operation["tags"] = {route.area};
  operation["x-factum-permission"] = route.permission;
  if (Json parameters = parameters_of(route); !parameters.empty())
    operation["parameters"] = std::move(parameters);
  if (route.request) {
    operation["requestBody"]["required"] = !route.body_optional;
    operation["requestBody"]["content"]["application/json"]["schema"] = schema_of(*route.request);
  }
  operation["responses"] = responses_of(route);
  return operation;
}

std::string lower(std::string method) {
  std::transform(method.begin(), method.end(), method.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return method;
}

Json text(std::string_view doc) { return {{"type", "string"}, {"description", doc}}; }

Json problem_schema() {
  Json codes = Json::array();
  for (const ProblemKind* kind : problem_kinds())
    codes.push_back("/problems/" + std::string(kind->code));
  Json error{{"type", "object"}, {"required", {"pointer", "code", "detail"}}};
  error["properties"] = {{"pointer", text("JSON Pointer into the body, or /query/<name>")},
                         {"code", text("Stable code")},
                         {"detail", text("A sentence; never the value")}};
  Json schema{{"type", "object"}, {"required", {"type", "title", "status"}}};
  Json& properties = schema["properties"];
  properties["type"] = {{"type", "string"}, {"enum", std::move(codes)}};
  properties["title"] = text("The kind in a few words");
  properties["status"] = {{"type", "integer"}};
  properties["detail"] = text("What happened this time");
  properties["rule"] = text("The rule of the domain that refused");
  properties["request_id"] = text("For support; also the correlation id of events");
  properties["errors"] = {{"type", "array"}, {"items", std::move(error)}};
  properties["current_version"] = {{"type", "integer"}};
  properties["changed"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  return schema;
}

Json event_schemas(const std::vector<const EventType*>& events) {
  Json schemas = Json::object();
  for (const EventType* type : events) {
    Json schema = schema_of(type->shape());
    schema["description"] = type->doc;
    schema["x-factum-schema"] = type->schema;
    schemas[std::string(type->name)] = std::move(schema);
  }
  return schemas;
}

Json common_schemas() {
  Json schemas;
  schemas["Money"] = {{"type", "object"},
                      {"required", {"minor", "currency"}},
                      {"description", "Integer minor units and an ISO 4217 code"}};
  schemas["Money"]["properties"] = {{"minor",
                                     {{"type", "integer"},
                                      {"format", "int64"},
                                      {"minimum", -kMoneyMinorMax},
                                      {"maximum", kMoneyMinorMax}}},
                                    {"currency", {{"type", "string"}, {"maxLength", 3}}}};
  schemas["Page"] = {{"type", "object"}, {"required", {"has_more"}}};
  schemas["Page"]["properties"] = {{"next", text("Send as `after` for the next page")},
                                   {"has_more", {{"type", "boolean"}}}};
  schemas["Personal"] = {
      {"description", "A personal value; {\"erased\": true} once its key was destroyed"}};
  schemas["Problem"] = problem_schema();
  schemas["WideInteger"] = {{"description", "A sum; from 2^53 on it is written as a text"},
                            {"type", {"integer", "string"}}};
  return schemas;
}

}  // namespace

std::string openapi_document(const Router& router, const std::vector<const EventType*>& events) {
  Json document{{"openapi", "3.1.0"}};
  document["info"] = {{"title", "Factum"},
                      {"version", "1"},
                      {"summary",
                       "An event-sourced CRM core: every fact once, every view as of any "
                       "moment"},
                      {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}};
  for (const auto& route : router.routes()) {
    const std::string method = route->method == "QUERY" ? "x-query" : lower(route->method);
    document["paths"][documented_path(route->pattern)][method] = operation_of(*route);
  }
  document["components"]["schemas"] = common_schemas();
  document["components"]["schemas"].update(event_schemas(events));
  return document.dump(1) + "\n";
}

std::string event_schema_document(const std::vector<const EventType*>& events) {
  Json document{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
  document["components"]["schemas"] = common_schemas();
  document["components"]["schemas"].update(event_schemas(events));
  return document.dump(1) + "\n";
}

}  // namespace factum::api
