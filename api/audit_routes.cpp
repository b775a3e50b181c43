// What auditors read: checkpoints, tiles, records and proofs, as docs/transparency.md describes
// them.
#include "api/answers.hpp"
#include "api/openapi.hpp"
#include "api/query_reader.hpp"
#include "api/routes.hpp"
#include "core/es/json_writer.hpp"

#include <charconv>

namespace factum::api {
namespace {

constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kBytes = "application/octet-stream";
constexpr const char* kZip = "application/zip";
constexpr const char* kImmutable = "private, max-age=31536000, immutable";
constexpr std::int64_t kSizeMax = std::int64_t{1} << 53;

struct LogPage {
  std::string origin;
  Uuid log_id;
  std::string vkey;

  static void describe(FieldVisitor& v, LogPage& p) {
    v.shown("origin", p.origin, "Name of the log in its checkpoints");
    v.shown("log_id", p.log_id, "The identity of the log");
    v.shown("vkey", p.vkey, "The key its checkpoints are signed with");
  }
};

struct ConsistencyQuery {
  std::int64_t from = 0;
  std::int64_t to = 0;

  static void describe(FieldVisitor& v, ConsistencyQuery& q) {
    v.shown("from", q.from, "Events of the smaller tree", between(1, kSizeMax));
    v.shown("to", q.to, "Events of the larger tree", between(1, kSizeMax));
  }
};

struct ConsistencyPage {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::vector<std::string> hashes;

  static void describe(FieldVisitor& v, ConsistencyPage& p) {
    v.shown("from", p.from, "Events of the smaller tree");
    v.shown("to", p.to, "Events of the larger tree");
    v.shown("hashes", p.hashes, "The proof of RFC 6962 §2.1.2, in base64");
  }
};

template <class Number>
Result<Number> number_of(const std::string& text) {
  Number number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || std::to_string(number) != text)
    return fail(ErrorCode::not_found, "there is nothing with such a number");
  return number;
}

HttpResponse bytes_response(std::string body, const char* type, bool immutable) {
  HttpResponse response;
  response.body = std::move(body);
  response.set("Content-Type", type);
  response.set("Cache-Control", immutable ? kImmutable : "no-cache");
  return response;
}

Result<HttpResponse> log_page(const Services& services, const Call& /*call*/) {
  FACTUM_TRY(const AuditIdentity identity, services.audit.identity());
  return json_response(to_json(LogPage{identity.origin, identity.log_id, identity.vkey}));
}

Result<HttpResponse> checkpoint(const Services& services, const Call& /*call*/) {
  FACTUM_TRY(std::string note, services.audit.checkpoint());
  return bytes_response(std::move(note), kText, false);
}

Result<HttpResponse> handovers(const Services& services, const Call& /*call*/) {
  FACTUM_TRY(std::string json, services.audit.handovers());
  return json_response(std::move(json));
}

Result<HttpResponse> tile(const Services& services, const Call& call) {
  FACTUM_TRY(const auto level, number_of<unsigned>(call.path_values[0]));
  if (level > UINT8_MAX) return fail(ErrorCode::not_found, "there is no such level");
  FACTUM_TRY(std::string bytes,
             services.audit.tile(static_cast<std::uint8_t>(level), call.path_values[1]));
  return bytes_response(std::move(bytes), kBytes, true);
}

template <AuditBundle kKind>
Result<HttpResponse> bundle(const Services& services, const Call& call) {
  FACTUM_TRY(AuditLog::Pieces pieces, services.audit.bundle(kKind, call.path_values[0]));
  // A ciphertext may be destroyed later.
  HttpResponse response = bytes_response({}, kBytes, kKind != AuditBundle::ciphertexts);
  response.chunks = std::move(pieces);
  return response;
}

Result<HttpResponse> archive(const Services& services, const Call& /*call*/) {
  FACTUM_TRY(AuditLog::Pieces pieces,
             services.audit.archive(event_schema_document(services.codec.types())));
  HttpResponse response = bytes_response({}, kZip, false);
  response.set("Content-Disposition", "attachment; filename=\"factum-bundle.zip\"");
  response.chunks = std::move(pieces);
  return response;
}

Result<HttpResponse> proof(const Services& services, const Call& call) {
  FACTUM_TRY(const auto position, number_of<std::uint64_t>(call.path_values[0]));
  FACTUM_TRY(std::string text, services.audit.proof(Position(position)));
  HttpResponse response = bytes_response(std::move(text), kText, false);
  response.set("Content-Disposition",
               "attachment; filename=\"" + std::to_string(position) + ".tlog-proof\"");
  return response;
}

Result<HttpResponse> consistency(const Services& services, const Call& call) {
  FACTUM_TRY(const auto asked, from_query<ConsistencyQuery>(call.own_query()));
  FACTUM_TRY(const auto hashes, services.audit.consistency(static_cast<std::uint64_t>(asked.from),
                                                           static_cast<std::uint64_t>(asked.to)));
  return json_response(to_json(ConsistencyPage{asked.from, asked.to, hashes}));
}

using Answer = Result<HttpResponse> (*)(const Services&, const Call&);

struct Row {
  const char* pattern;
  const char* operation;
  const char* summary;
  const char* type;
  Answer answer;
};

constexpr Row kRows[] = {
    {"/v1/audit/handovers", "read_handovers", "How each signing key named the next",
     "application/json", &handovers},
    {"/v1/audit/log", "read_log_identity", "Name and public key of the log", "application/json",
     &log_page},
    {"/v1/audit/checkpoint", "read_checkpoint", "The newest signed checkpoint", kText, &checkpoint},
    {"/v1/audit/tile/{level}/{path...}", "read_tile",
     "Hashes of the Merkle tree; the path is written as C2SP tlog-tiles says", kBytes, &tile},
    {"/v1/audit/tile/entries/{path...}", "read_entries", "Entries of the tree, 256 per tile",
     kBytes, &bundle<AuditBundle::entries>},
    {"/v1/audit/records/{path...}", "read_records", "Records of the events, 256 per tile", kBytes,
     &bundle<AuditBundle::records>},
    {"/v1/audit/ciphertexts/{path...}", "read_ciphertexts", "Sealed data of the events", kBytes,
     &bundle<AuditBundle::ciphertexts>},
    {"/v1/audit/bundle", "read_bundle",
     "All of these up to the newest checkpoint in a ZIP file, without ciphertexts", kZip, &archive},
    {"/v1/audit/proof/{position}", "read_proof", "That an event is in the log: a C2SP tlog-proof",
     kText, &proof},
    {"/v1/audit/consistency", "read_consistency",
     "That one tree is the beginning of another: RFC 6962 §2.1.2", "application/json",
     &consistency},
};

}  // namespace

void add_audit_routes(Routes& routes) {
  for (const Row& row : kRows) {
    Route route = make_route("GET", row.pattern);
    route.operation = row.operation;
    route.summary = row.summary;
    route.response_type = row.type;
    route.response.emplace().limits = at_most(SIZE_MAX);
    if (row.answer == &log_page) route.response = shape_of<LogPage>();
    if (row.answer == &consistency) {
      route.query = shape_of<ConsistencyQuery>();
      route.response = shape_of<ConsistencyPage>();
    }
    route.handler = [&services = routes.services(), answer = row.answer](
                        const std::shared_ptr<const Call>& call, const Respond& respond) {
      respond(response_of(answer(services, *call), *call));
    };
    routes.add(std::move(route));
  }
}

}  // namespace factum::api
