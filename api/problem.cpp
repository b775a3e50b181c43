#include "api/problem.hpp"

#include "core/es/json_writer.hpp"

#include <array>

namespace factum::api {
namespace {

constexpr std::array kErrorCodes{ErrorCode::invalid_argument,
                                 ErrorCode::not_found,
                                 ErrorCode::already_exists,
                                 ErrorCode::version_conflict,
                                 ErrorCode::precondition_missing,
                                 ErrorCode::rule_violation,
                                 ErrorCode::forbidden,
                                 ErrorCode::limit_exceeded,
                                 ErrorCode::condition_failed,
                                 ErrorCode::claim_taken,
                                 ErrorCode::idempotency_mismatch,
                                 ErrorCode::overloaded,
                                 ErrorCode::outcome_unknown,
                                 ErrorCode::erased,
                                 ErrorCode::view_behind,
                                 ErrorCode::unavailable,
                                 ErrorCode::locked,
                                 ErrorCode::unsupported_format,
                                 ErrorCode::corrupt,
                                 ErrorCode::io_error};

static_assert(kErrorCodes.size() == static_cast<std::size_t>(ErrorCode::io_error) + 1);

constexpr std::array kHttpProblems{HttpProblem::malformed_request,
                                   HttpProblem::header_too_large,
                                   HttpProblem::body_too_large,
                                   HttpProblem::request_timeout,
                                   HttpProblem::too_many_connections,
                                   HttpProblem::route_unknown,
                                   HttpProblem::method_not_allowed,
                                   HttpProblem::unsupported_media_type,
                                   HttpProblem::unsupported_content_coding,
                                   HttpProblem::misdirected_request,
                                   HttpProblem::foreign_origin,
                                   HttpProblem::expectation_failed,
                                   HttpProblem::already_running,
                                   HttpProblem::another_run};

static_assert(kHttpProblems.size() == static_cast<std::size_t>(HttpProblem::another_run) + 1);

constexpr std::string_view kRetryAfterSeconds = "1";

// status, title, explanation, whether trying the same again can help
struct Row {
  int status;
  std::string_view title;
  std::string_view explanation;
  bool retry = false;
};

// Exhaustive: a new error code does not compile without its row.
Row row_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return {400, "Invalid request",
              "The input does not parse or breaks the rule of a field; "
              "`errors` points to each."};
    case ErrorCode::not_found:
      return {404, "Not found", "There is no such thing, or nothing to answer from."};
    case ErrorCode::already_exists:
      return {409, "Already exists", "The id is taken by another entity of the same kind."};
    case ErrorCode::version_conflict:
      return {412, "Changed meanwhile",
              "If-Match named an older version. Read the entity again (`current_version`), look at "
              "what changed and decide anew."};
    case ErrorCode::precondition_missing:
      return {428, "If-Match is required",
              "This change replaces details that others may have changed. Read the entity and send "
              "its ETag as If-Match."};
    case ErrorCode::rule_violation:
      return {422, "A rule refuses this",
              "The request is well-formed, but a rule of the domain forbids it; `rule` names it."};
    case ErrorCode::forbidden:
      return {403, "Not allowed", "The actor may not do this, or there is no actor."};
    case ErrorCode::limit_exceeded:
      return {413, "Too large", "A size, count or depth passes its limit."};
    case ErrorCode::condition_failed:
      return {409, "Lost a race", "Somebody else changed what this decision looked at.", true};
    case ErrorCode::claim_taken:
      return {409, "Already taken",
              "A value that must be unique, such as an e-mail address or an external id, belongs "
              "to somebody else."};
    case ErrorCode::idempotency_mismatch:
      return {422, "Idempotency-Key was used before",
              "This key was sent with another request. Use a new key for a new request."};
    case ErrorCode::overloaded:
      return {503, "Overloaded", "A bounded queue is full. Nothing was done; try again.", true};
    case ErrorCode::outcome_unknown:
      return {503, "Outcome unknown",
              "The write may or may not be recorded. Send it again with the same Idempotency-Key.",
              true};
    case ErrorCode::erased:
      return {410, "Erased", "The personal data of this subject was erased for good."};
    case ErrorCode::view_behind:
      return {503, "The view is behind",
              "The view has not reached the demanded position in time. Try again.", true};
    case ErrorCode::unavailable:
      return {503, "Unavailable", "A needed part is stopping, read-only or missing.", true};
    case ErrorCode::locked: return {503, "Locked", "Another process holds the data folder."};
    case ErrorCode::unsupported_format:
      return {500, "Unknown format", "Stored data was written by a newer version of the program."};
    case ErrorCode::corrupt:
      return {500, "Corrupt data", "Stored bytes contradict their checksum, hash or grammar."};
    case ErrorCode::io_error:
      return {500, "Input/output error", "The operating system or the storage engine failed."};
  }
  return {500, "Internal error", ""};
}

ProblemKind kind_of(HttpProblem problem) {
  switch (problem) {
    case HttpProblem::malformed_request:
      return {"malformed_request", 400, "Malformed request", "This is not valid HTTP/1.1.", false};
    case HttpProblem::header_too_large:
      return {"header_too_large", 431, "Header too large",
              "The request line and headers, or the extensions and trailers of a body in chunks, "
              "pass their limit of bytes.",
              false};
    case HttpProblem::body_too_large:
      return {"body_too_large", 413, "Body too large",
              "The body has more bytes than this route takes.", false};
    case HttpProblem::request_timeout:
      return {"request_timeout", 408, "Request timeout",
              "The request did not arrive completely in time.", true};
    case HttpProblem::too_many_connections:
      return {"too_many_connections", 503, "Too many connections",
              "The limit of open connections is reached. Try again.", true};
    case HttpProblem::route_unknown:
      return {"route_unknown", 404, "No such route",
              "No route has this path. /openapi.json lists all of them.", false};
    case HttpProblem::method_not_allowed:
      return {"method_not_allowed", 405, "Method not allowed",
              "The path exists, but not with this method; `Allow` lists the methods.", false};
    case HttpProblem::unsupported_media_type:
      return {"unsupported_media_type", 415, "Unsupported media type",
              "Bodies are JSON: send Content-Type: application/json.", false};
    case HttpProblem::unsupported_content_coding:
      return {"unsupported_content_coding", 415, "Unsupported content coding",
              "Bodies are taken as they are: send no Content-Encoding.", false};
    case HttpProblem::misdirected_request:
      return {"misdirected_request", 421, "Not a name of this server",
              "The server does not answer to the host that was asked. Use a name of this machine, "
              "or start the server with --host-name.",
              false};
    case HttpProblem::foreign_origin:
      return {"foreign_origin", 403, "A page of another host",
              "A page may change things only on the host it came from (`Origin`).", false};
    case HttpProblem::expectation_failed:
      return {"expectation_failed", 417, "Unknown expectation",
              "The only expectation that is known is Expect: 100-continue.", false};
    case HttpProblem::already_running:
      return {"already_running", 409, "Already running",
              "This work is under way, and one of its kind runs at a time. Look how far it is, and "
              "ask again when it is done.",
              true};
    case HttpProblem::another_run:
      return {"another_run", 409, "Another server, or another run of it",
              "The request names another log or another run of the program. DATA/serving, in the "
              "data folder of the log that is meant, says which run serves it and where.",
              false};
  }
  return {"internal", 500, "Internal error", "", false};
}

void add_text(std::string& json, std::string_view name, std::string_view value) {
  json += ",\"";
  json += name;
  json += "\":";
  append_json_string(json, value);
}

std::string document_head(const ProblemKind& kind, std::string_view detail,
                          std::string_view request_id) {
  std::string json = "{\"type\":\"/problems/" + std::string(kind.code) + "\"";
  add_text(json, "title", kind.title);
  json += ",\"status\":" + std::to_string(kind.status);
  if (!detail.empty()) add_text(json, "detail", detail);
  if (!request_id.empty()) add_text(json, "request_id", request_id);
  return json;
}

HttpResponse respond_with(const ProblemKind& kind, std::string json) {
  HttpResponse response{
      .status = kind.status, .headers = {}, .body = std::move(json), .chunks = {}};
  response.set("Content-Type", "application/problem+json");
  if (kind.retry) response.set("Retry-After", std::string(kRetryAfterSeconds));
  return response;
}

void add_field_errors(std::string& json, const std::vector<FieldError>& fields) {
  json += ",\"errors\":[";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    json += i == 0 ? "{\"pointer\":" : ",{\"pointer\":";
    append_json_string(json, fields[i].pointer);
    add_text(json, "code", fields[i].code);
    add_text(json, "detail", fields[i].detail);
    json += '}';
  }
  json += ']';
}

void add_names(std::string& json, std::string_view member, const std::vector<std::string>& names) {
  if (names.empty()) return;
  json += ",\"" + std::string(member) + "\":[";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) json += ',';
    append_json_string(json, names[i]);
  }
  json += ']';
}

void add_position(std::string& json, const Error& error) {
  if (error.position == 0) return;
  std::string_view name = "position";
  if (error.code == ErrorCode::version_conflict) name = "current_version";
  json += ",\"" + std::string(name) + "\":" + std::to_string(error.position);
}

}  // namespace

const ProblemKind& problem_kind(ErrorCode code) {
  static const auto kKinds = [] {
    std::array<ProblemKind, kErrorCodes.size()> kinds{};
    for (ErrorCode each : kErrorCodes) {
      const Row row = row_of(each);
      kinds[static_cast<std::size_t>(each)] = {to_string(each), row.status, row.title,
                                               row.explanation, row.retry};
    }
    return kinds;
  }();
  return kKinds[static_cast<std::size_t>(code)];
}

const ProblemKind& problem_kind(HttpProblem problem) {
  static const auto kKinds = [] {
    std::array<ProblemKind, kHttpProblems.size()> kinds{};
    for (HttpProblem each : kHttpProblems) kinds[static_cast<std::size_t>(each)] = kind_of(each);
    return kinds;
  }();
  return kKinds[static_cast<std::size_t>(problem)];
}

std::vector<const ProblemKind*> problem_kinds() {
  std::vector<const ProblemKind*> all;
  for (ErrorCode code : kErrorCodes) all.push_back(&problem_kind(code));
  for (HttpProblem problem : kHttpProblems) all.push_back(&problem_kind(problem));
  return all;
}

HttpResponse problem_response(const Error& error, std::string_view request_id,
                              const std::vector<std::string>& changed) {
  const ProblemKind& kind = problem_kind(error.code);
  std::string json = document_head(kind, error.message, request_id);
  if (!error.rule.empty()) add_text(json, "rule", error.rule);
  if (!error.fields.empty()) add_field_errors(json, error.fields);
  add_position(json, error);
  add_names(json, "changed", changed);
  return respond_with(kind, json + "}");
}

HttpResponse problem_response(HttpProblem problem, std::string_view detail,
                              std::string_view request_id) {
  const ProblemKind& kind = problem_kind(problem);
  return respond_with(kind, document_head(kind, detail, request_id) + "}");
}

}  // namespace factum::api
