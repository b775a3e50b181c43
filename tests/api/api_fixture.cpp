#include "tests/api/api_fixture.hpp"

#include "core/crm/catalog.hpp"
#include "core/es/json_reader.hpp"
#include "eventstore/memory_event_store.hpp"
#include "eventstore/signed_log.hpp"

#include <chrono>
#include <future>

namespace factum::test {
namespace {

std::map<std::string_view, const EntityType*> entities_by_kind() {
  std::map<std::string_view, const EntityType*> entities;
  for (const EntityType* type : crm::entity_catalog()) entities.emplace(type->kind, type);
  return entities;
}

ExtensionTypes extensions_of(std::string_view json) {
  if (json.empty()) return {};
  auto types = ExtensionTypes::parse(json, crm::extension_entities());
  FACTUM_ASSERT(types.has_value());
  return std::move(*types);
}

}  // namespace

Uuid CountingIds::next() {
  Uuid id{{0x01, 0x98, 0, 0, 0, 0, 0x70, 0, 0x80}};
  const std::uint64_t count = count_.fetch_add(1) + 1;
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes[15 - i] = static_cast<std::uint8_t>(count >> (8 * i));
  return id;
}

Result<std::unique_ptr<ViewReader>> StillProjector::read(std::string_view view) const {
  if (view == "people") return people->snapshot();
  return fail(ErrorCode::not_found, "there is no such view");
}

Result<std::shared_ptr<const ViewKeyspace>> StillProjector::keyspace(std::string_view view) const {
  if (view == "people") return std::shared_ptr<const ViewKeyspace>(people);
  return fail(ErrorCode::not_found, "there is no such view");
}

void StillProjector::wait_for(Position /*position*/, std::chrono::milliseconds /*timeout*/,
                              std::function<void(projections::WaitOutcome)> on_done) {
  on_done({behind.empty(), behind});
}

void StillProjector::wait_for_view(std::string_view /*view*/, Position position,
                                   std::chrono::milliseconds timeout,
                                   std::function<void(projections::WaitOutcome)> on_done) {
  wait_for(position, timeout, std::move(on_done));
}

Status StillProjector::rebuild(const std::vector<std::string>& /*views*/,
                               const WorkWatch& /*watch*/) {
  return {};
}

ApiFixture::ApiFixture(std::string_view event_types, const std::vector<std::string>& hosts)
    : store(make_memory_event_store(clock)),
      extensions(extensions_of(event_types)),
      codec(extensions.after(crm::event_catalog()), sealer),
      bus(*store, codec, clock, ids),
      past(projections::all_views(), *store, codec, projector),
      audit(make_signed_log(*store, {})),
      services{.store = *store,
               .codec = codec,
               .extensions = extensions,
               .bus = bus,
               .clock = clock,
               .ids = ids,
               .projector = projector,
               .past = past,
               .audit = *audit,
               .entities = entities_by_kind(),
               .views = projections::all_views()},
      service(router, ids, hosts) {
  api::add_all_routes(router, services);
}

api::HttpResponse ApiFixture::call(TestRequest wanted) {
  auto request = std::make_shared<api::HttpRequest>();
  request->method = std::move(wanted.method);
  const std::size_t mark = std::min(wanted.target.find('?'), wanted.target.size());
  request->path = wanted.target.substr(0, mark);
  if (mark < wanted.target.size()) request->query = wanted.target.substr(mark + 1);
  request->headers = std::move(wanted.headers);
  if (request->header("host") == nullptr) request->headers.push_back({"host", "localhost"});
  request->body = std::move(wanted.body);
  request->from_loopback = wanted.loopback;
  request->post = [](const std::function<void()>& task) { task(); };
  if (auto refused = service.admit(*request).refusal) return std::move(*refused);
  // A long answer comes from another thread. A second answer would throw, and end the program.
  const auto answered = std::make_shared<std::promise<api::HttpResponse>>();
  service.handle(std::move(request), [answered](api::HttpResponse response) {
    answered->set_value(std::move(response));
  });
  auto answer = answered->get_future();
  FACTUM_ASSERT(answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  return answer.get();
}

api::HttpResponse ApiFixture::write(std::string target, std::string body,
                                    std::vector<api::Header> further) {
  return call({"POST", std::move(target), std::move(body), write_headers(std::move(further))});
}

std::vector<api::Header> write_headers(std::vector<api::Header> further) {
  further.push_back({"content-type", "application/json"});
  further.push_back({"factum-actor", "user:01980000-0000-7000-8000-0000000000aa"});
  return further;
}

std::string member(const std::string& json, const std::string& name) {
  const auto value = json_member(json, name);
  if (!value) return {};
  if (value->starts_with('"')) return value->substr(1, value->size() - 2);
  return *value;
}

std::string header(const api::HttpResponse& response, const std::string& name) {
  const std::string* value = response.header(name);
  return value == nullptr ? std::string{} : *value;
}

}  // namespace factum::test
