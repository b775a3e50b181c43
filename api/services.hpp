// What routes work with. The composition root makes it and keeps everything alive.
#pragma once

#include "api/background.hpp"
#include "core/es/audit_log.hpp"
#include "core/es/command_bus.hpp"
#include "core/es/entity.hpp"
#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"
#include "core/es/extension_types.hpp"
#include "projections/answer_cache.hpp"
#include "projections/registry.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace factum::projections {
class PastViews;
class Projector;
}  // namespace factum::projections

namespace factum::api {

class BackupJob;

/// Room for rendered answers in memory and the rows they were made from.
inline constexpr std::size_t kAnswerBytes = std::size_t{64} << 20;

/// References to the parts; all safe from any thread, all outlive the routes.
struct Services {
  EventStore& store;
  EventCodec& codec;
  const ExtensionTypes& extensions;
  CommandBus& bus;
  Clock& clock;
  IdSource& ids;
  projections::Projector& projector;
  const projections::PastViews& past;
  const AuditLog& audit;
  std::map<std::string_view, const EntityType*> entities;  ///< by kind
  std::vector<projections::View> views;
  BackupJob* backups = nullptr;  ///< null: no folder of backups
  /// How long a write waits for the views, and a read for a demanded position, at most.
  std::chrono::milliseconds view_wait_max{2000};
  std::unique_ptr<projections::AnswerCache> answers = projections::make_answer_cache(kAnswerBytes);
  /// Makes answers that take long.
  std::unique_ptr<Background> background = std::make_unique<Background>();
};

}  // namespace factum::api
