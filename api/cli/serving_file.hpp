// DATA/serving: how other commands find the server that has the data folder open.
//
//   address of the server, numeric
//   its port
//   its folder of backups, an absolute path
//   the id of the log
//   the run of the program, a UUID that is drawn at every start
//
// Only who may read the file can ask for a backup: the server wants to hear log and run.
//
// Written when the server answers and removed when it ends. After a crash it stays, and says
// nothing: only while the folder is locked there is a server.
#pragma once

#include "api/backup_job.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace factum::cli {

struct ServingAt {
  std::string address;
  std::uint16_t port = 0;
  std::string backups;
  api::ServedRun served = {};
};

/// Removes the file when it goes.
class ServingFile {
 public:
  ServingFile(const std::string& data, const ServingAt& at);
  ~ServingFile();
  ServingFile(const ServingFile&) = delete;
  ServingFile& operator=(const ServingFile&) = delete;

 private:
  const std::string path_;
};

/// What the file of a data folder says; absent if there is none or it does not read.
std::optional<ServingAt> read_serving_file(const std::string& data);

/// Where a server that is bound to `address` is reached from this machine.
std::string reachable_address(const std::string& address);

}  // namespace factum::cli
