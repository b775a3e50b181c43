#include "api/app.hpp"

#include "api/app_backups.hpp"
#include "api/backup_job.hpp"
#include "api/erasure_job.hpp"
#include "api/routes.hpp"
#include "core/crm/catalog.hpp"
#include "eventstore/aes_sealer.hpp"
#include "eventstore/file.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/rocksdb_log_backups.hpp"
#include "eventstore/signed_log.hpp"
#include "eventstore/system_sources.hpp"
#include "projections/past_views.hpp"
#include "projections/projector.hpp"
#include "projections/rocksdb_view_store.hpp"

#include <filesystem>
#include <system_error>

namespace factum::api {
namespace {

std::map<std::string_view, const EntityType*> entities_by_kind() {
  std::map<std::string_view, const EntityType*> entities;
  for (const EntityType* type : crm::entity_catalog()) entities.emplace(type->kind, type);
  return entities;
}

Result<std::unique_ptr<Sealer>> open_default_sealer(const SealerOptions& options) {
  return open_aes_sealer({.directory = options.keys_directory,
                          .data_directory = options.data_directory,
                          .seal_id = options.seal_id,
                          .root_key_hex = options.root_key_hex,
                          .clock = options.clock,
                          .create = options.create,
                          .epoch_replicas = options.key_replicas});
}

Status make_folder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (!failed) return {};
  return fail(ErrorCode::io_error, "the folder " + path + " cannot be made: " + failed.message());
}

// The event types that the installation defines for itself; none without the file.
Result<ExtensionTypes> read_extensions(const std::string& folder) {
  FACTUM_TRY(auto json, read_event_types(folder));
  if (!json) return ExtensionTypes{};
  if (json->starts_with("\xEF\xBB\xBF")) json->erase(0, 3);  // the byte order mark of some editors
  return ExtensionTypes::parse(*json, crm::extension_entities());
}

Result<WitnessesOptions> read_witnesses(const AppOptions& options) {
  WitnessesOptions witnesses;
  for (const std::string& text : options.witnesses) {
    FACTUM_TRY(auto witness, WitnessOptions::parse(text));
    witnesses.witnesses.push_back(std::move(witness));
  }
  witnesses.log = options.log;
  return witnesses;
}

// Parts in the order they depend on each other; they go away in the opposite one.
class OpenApp final : public App {
 public:
  explicit OpenApp(const std::vector<std::string>& hosts) : service_(router_, ids_, hosts) {}

  Status open(const AppOptions& options) {
    FACTUM_TRY(WitnessesOptions witnesses, read_witnesses(options));
    FACTUM_TRY(const bool is_there, file_exists(options.data + "/log"));
    if (!options.create && !is_there) {
      return fail(ErrorCode::not_found,
                  "there is no log in " + options.data + "; name the data folder with --data");
    }
    if (!options.backups.empty())
      FACTUM_CHECK(check_backup_place({options.data, options.keys, options.backups}));
    FACTUM_CHECK(make_folder(options.data));
    FACTUM_TRY(extensions_, read_extensions(options.data));
    EventStoreOptions log_options;
    log_options.directory = options.data + "/log";
    log_options.clock = &clock_;
    FACTUM_TRY(store_, open_rocksdb_event_store(std::move(log_options)));
    const std::string keys = Folders{options.data, options.keys, {}}.keys_or_default();
    FACTUM_CHECK(make_folder(std::filesystem::path(keys).parent_path().empty()
                                 ? "."
                                 : std::filesystem::path(keys).parent_path().string()));
    const OpenSealer open_sealer =
        options.open_sealer ? options.open_sealer : OpenSealer(open_default_sealer);
    FACTUM_TRY(sealer_,
               open_sealer({keys, options.data, store_->seal_id(), store_->head() == Position{},
                            options.root_key_hex, &clock_, options.key_replicas}));
    FACTUM_CHECK(extensions_.check_recorded(*store_, *sealer_));
    codec_ = std::make_unique<EventCodec>(extensions_.after(crm::event_catalog()), *sealer_);
    audit_ =
        make_signed_log(*store_, {.signer = {keys, options.root_key_hex, store_->log_id()},
                                  .checkpoint_file = options.data + "/checkpoint",
                                  .vkey_file = options.data + "/vkey",
                                  .handovers_file = options.data + "/handovers",
                                  .interval = std::chrono::milliseconds(options.follow ? 1000 : 0),
                                  .log = options.log,
                                  .witnesses = std::move(witnesses)});
    bus_ = std::make_unique<CommandBus>(*store_, *codec_, clock_, ids_);
    FACTUM_TRY(generations_, projections::open_rocksdb_generation_store(
                                 {.path = options.data + "/views", .log = options.log}));
    projector_ = projections::make_projector(projections::all_views(), *store_, *codec_,
                                             *generations_, {.log = options.log});
    past_ = std::make_unique<projections::PastViews>(projections::all_views(), *store_, *codec_,
                                                     *projector_);
    if (!options.backups.empty()) {
      backups_ = std::make_unique<BackupJob>(
          make_log_backups(*store_, {options.backups, options.data, &clock_}),
          ServedRun{store_->log_id(), UuidV7Source(clock_).next()}, clock_);
    }
    services_ = std::make_unique<Services>(Services{.store = *store_,
                                                    .codec = *codec_,
                                                    .extensions = extensions_,
                                                    .bus = *bus_,
                                                    .clock = clock_,
                                                    .ids = ids_,
                                                    .projector = *projector_,
                                                    .past = *past_,
                                                    .audit = *audit_,
                                                    .entities = entities_by_kind(),
                                                    .views = projections::all_views(),
                                                    .backups = backups_.get()});
    add_all_routes(router_, *services_);
    auto erasures = std::make_unique<ErasureJob>(*services_, *sealer_, *generations_, options.log);
    FACTUM_CHECK(erasures->close_fenced());
    if (options.follow) FACTUM_CHECK(projector_->start());
    if (!options.erases) return {};
    erasures_ = std::move(erasures);
    return erasures_->start();
  }

  Services& services() override { return *services_; }
  HttpService& service() override { return service_; }
  Router& router() override { return router_; }

 private:
  SystemClock clock_;
  UuidV7Source ids_{clock_};
  std::unique_ptr<RocksdbLog> store_;
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<AuditLog> audit_;
  ExtensionTypes extensions_;
  std::unique_ptr<EventCodec> codec_;
  std::unique_ptr<CommandBus> bus_;
  std::unique_ptr<projections::GenerationStore> generations_;
  std::unique_ptr<projections::Projector> projector_;
  std::unique_ptr<projections::PastViews> past_;
  std::unique_ptr<BackupJob> backups_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<ErasureJob> erasures_;
  Router router_;
  ApiService service_;
};

}  // namespace

Result<std::unique_ptr<App>> App::open(const AppOptions& options) {
  auto app = std::make_unique<OpenApp>(options.hosts);
  FACTUM_CHECK(app->open(options));
  return std::unique_ptr<App>(std::move(app));
}

}  // namespace factum::api
