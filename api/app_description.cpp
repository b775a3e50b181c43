// Describing the API without a data folder: the routes over parts that hold nothing.
#include "api/app.hpp"
#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "core/crm/catalog.hpp"
#include "eventstore/memory_event_store.hpp"
#include "eventstore/signed_log.hpp"
#include "eventstore/system_sources.hpp"
#include "projections/memory_view_store.hpp"
#include "projections/past_views.hpp"
#include "projections/projector.hpp"

namespace factum::api {
namespace {

// Nothing is sealed while the API is described.
class NoSealer final : public Sealer {
 public:
  Result<Uuid> new_subject() override { return refused(); }
  Status ensure_keys(const std::vector<Uuid>& /*subjects*/, DataClass /*data_class*/) override {
    return refused();
  }
  Result<SealedSlot> seal(const SealContext& /*context*/, const Uuid& /*subject*/,
                          std::string_view /*plaintext*/) override {
    return refused();
  }
  Result<std::string> open(const SealContext& /*context*/, const SlotHeader& /*header*/,
                           std::string_view /*ciphertext*/) override {
    return refused();
  }
  std::vector<Uuid> close_subjects(const std::vector<Uuid>& /*subjects*/) override { return {}; }
  void reopen_subjects(const std::vector<Uuid>& /*subjects*/) override {}
  Result<KeyDestruction> destroy_subjects(const std::vector<Uuid>& /*subjects*/) override {
    return refused();
  }
  std::vector<Uuid> living_subjects(const std::vector<Uuid>& /*keys*/) const override { return {}; }
  std::vector<Uuid> destroyed_subjects(const std::vector<Uuid>& /*keys*/) const override {
    return {};
  }
  Digest digest(std::string_view /*purpose*/, std::string_view /*value*/) override { return {}; }

 private:
  static tl::unexpected<Error> refused() {
    return fail(ErrorCode::unavailable, "there are no keys here");
  }
};

}  // namespace

std::string describe_api() {
  SystemClock clock;
  UuidV7Source ids(clock);
  NoSealer sealer;
  const auto store = make_memory_event_store(clock);
  EventCodec codec(crm::event_catalog(), sealer);
  const ExtensionTypes extensions;
  CommandBus bus(*store, codec, clock, ids);
  const auto generations = projections::make_memory_generation_store();
  const auto projector =
      projections::make_projector(projections::all_views(), *store, codec, *generations);
  const projections::PastViews past(projections::all_views(), *store, codec, *projector);
  const auto audit = make_signed_log(*store, {});
  Services services{.store = *store,
                    .codec = codec,
                    .extensions = extensions,
                    .bus = bus,
                    .clock = clock,
                    .ids = ids,
                    .projector = *projector,
                    .past = past,
                    .audit = *audit,
                    .entities = {},
                    .views = {}};
  Router router;
  add_all_routes(router, services);
  return openapi_document(router, crm::event_catalog());
}

}  // namespace factum::api
