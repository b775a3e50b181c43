// The composition root: opens log, keys and views and puts the API on top. Only here
// implementations are named.
#pragma once

#include "api/api_service.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "core/es/sealer.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace factum::api {

/// What a sealer is made from.
struct SealerOptions {
  std::string keys_directory;
  std::string data_directory;
  Uuid seal_id;
  bool create = true;  ///< false: the log has events, so its keys must be there
  std::string root_key_hex;
  Clock* clock = nullptr;
  std::vector<std::string> key_replicas;
};
using OpenSealer = std::function<Result<std::unique_ptr<Sealer>>(const SealerOptions&)>;

struct AppOptions {
  std::string data;          ///< the data folder; made when missing
  std::string keys;          ///< the folder of the keys; empty = the data folder's name + ".keys"
  std::string root_key_hex;  ///< 64 hexadecimal digits; empty = a file in the folder of the keys
  std::string backups;       ///< where it makes backups when asked to; empty = it makes none
  /// Further folders that keep the key of the epoch, best on other disks; made when missing.
  std::vector<std::string> key_replicas;
  bool follow = true;                  ///< views follow the log
  bool erases = false;                 ///< approved erasures are carried out; needs `follow`
  bool create = true;                  ///< makes a new log where there is none
  std::vector<std::string> witnesses;  ///< who is asked to cosign checkpoints: "VKEY=URL" each
  std::vector<std::string> hosts;      ///< what requests may name as their host; empty = anything
  std::function<void(std::string_view)> log;  ///< one sentence per call, no personal data
  OpenSealer open_sealer;                     ///< empty = AES-256-GCM; tests may seal otherwise
};

/// An open data folder. Thread rule: everything it gives is safe from any thread; it outlives all
/// of that. Destruction stops the views and closes the log.
class App {
 public:
  /// Errors: not_found (no log there and `create` is off), locked, unsupported_format, corrupt,
  /// io_error, invalid_argument, unavailable; each with a sentence for the person who starts the
  /// program.
  static Result<std::unique_ptr<App>> open(const AppOptions& options);
  virtual ~App() = default;

  virtual Services& services() = 0;
  virtual HttpService& service() = 0;
  virtual Router& router() = 0;
};

/// The OpenAPI document of this program; opens nothing.
std::string describe_api();

}  // namespace factum::api
