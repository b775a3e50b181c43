#include "api/app_backups.hpp"
#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/cli/json_log.hpp"
#include "api/cli/serving_file.hpp"
#include "api/host_rules.hpp"
#include "api/server/http_server.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace factum::cli {
namespace {

constexpr std::chrono::milliseconds kStopBound{1500};

struct ServeOptions {
  CommonOptions common;
  api::HttpServerOptions http;
  std::vector<std::string> host_names;
  std::string backups;
  std::vector<std::string> witnesses;
  bool allow_insecure_bind = false;
};

ExitCode serve(const ServeOptions& options) {
  if (!api::is_loopback(options.http.address) && !options.allow_insecure_bind) {
    return report({ErrorCode::invalid_argument,
                   "there is no authentication yet: bind to 127.0.0.1, or say "
                   "--allow-insecure-bind if the network is safe",
                   {},
                   {},
                   0});
  }
  const auto hosts = api::accepted_hosts(options.http.address, options.host_names);
  if (!hosts) return report(hosts.error());
  Interrupt interrupt;
  const JsonLog log;
  api::AppOptions app_options = app_options_of(options.common, Views::follow, NewLog::make);
  app_options.hosts = *hosts;
  app_options.erases = true;
  app_options.backups = api::Folders{options.common.data, {}, options.backups}.backups_or_default();
  app_options.witnesses = options.witnesses;
  app_options.log = [&](std::string_view text) { log.info(text); };
  auto app = api::App::open(app_options);
  if (!app) return report(app.error());
  auto server = api::start_http_server(options.http, (*app)->service(), (*app)->services().clock);
  if (!server) return report(server.error());
  log.info("serving on http://" + options.http.address + ":" + std::to_string((*server)->port()));
  std::error_code unresolved;
  std::optional<ServingFile> serving(
      std::in_place, options.common.data,
      ServingAt{reachable_address(options.http.address), (*server)->port(),
                std::filesystem::absolute(app_options.backups, unresolved).string(),
                (*app)->services().backups->served()});
  interrupt.wait();
  serving.reset();
  log.info("stopping: running requests finish");
  (*server)->stop(kStopBound);
  log.info("closing the views and the log");
  app->reset();
  log.info("stopped");
  return ExitCode::ok;
}

}  // namespace

void add_serve(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand("serve", "Serves the REST API");
  auto options = std::make_shared<ServeOptions>();
  add_common(*command, options->common);
  api::HttpServerOptions& http = options->http;
  command->add_option("--bind", http.address, "Address to listen on")
      ->envname("FACTUM_BIND")
      ->capture_default_str();
  command->add_option("--port", http.port, "Port to listen on; 0 = any free one")
      ->envname("FACTUM_PORT")
      ->check(&refuse_unless_digits)
      ->capture_default_str();
  command->add_option("--threads", http.threads, "Threads that serve connections")
      ->envname("FACTUM_THREADS")
      ->check(&refuse_unless_digits)
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--connections-max", http.connections_max, "Connections at the same time")
      ->envname("FACTUM_CONNECTIONS_MAX")
      ->check(&refuse_unless_digits)
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command
      ->add_option("--backups", options->backups,
                   "Folder of the backups it makes when asked to, apart from data and keys; "
                   "default: the data folder's name with .backups")
      ->envname("FACTUM_BACKUPS");
  command
      ->add_option("--host-name", options->host_names,
                   "Further names that requests may give as their host")
      ->envname("FACTUM_HOST_NAME")
      ->delimiter(',');
  command
      ->add_option("--witness", options->witnesses,
                   "Who is asked to cosign checkpoints, as VKEY=URL; may be given several times")
      ->envname("FACTUM_WITNESS")
      ->delimiter(',');
  command
      ->add_flag("--allow-insecure-bind", options->allow_insecure_bind,
                 "Listen beyond this machine without authentication")
      ->envname("FACTUM_ALLOW_INSECURE_BIND");
  command->callback([options, &chosen] { chosen = [options] { return serve(*options); }; });
}

}  // namespace factum::cli
