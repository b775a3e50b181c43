#include "api/cli/serving_file.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace factum::cli {
namespace {

namespace fs = std::filesystem;

std::string path_in(const std::string& data) { return (fs::path(data) / "serving").string(); }

}  // namespace

ServingFile::ServingFile(const std::string& data, const ServingAt& at) : path_(path_in(data)) {
  const std::string fresh = path_ + ".new";
  std::error_code ignored;  // without it other commands say that the folder is in use
  fs::remove(fresh, ignored);
  {
    std::ofstream file(fresh);
    fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, ignored);
    file << at.address << "\n"
         << at.port << "\n"
         << at.backups << "\n"
         << at.served.log_id.to_string() << "\n"
         << at.served.run.to_string() << "\n";
  }
  fs::rename(fresh, path_, ignored);
}

ServingFile::~ServingFile() {
  std::error_code ignored;
  fs::remove(path_, ignored);
}

std::optional<ServingAt> read_serving_file(const std::string& data) {
  std::ifstream file(path_in(data));
  ServingAt at;
  std::string port;
  std::string log_id;
  std::string run;
  if (!std::getline(file, at.address) || !std::getline(file, port) ||
      !std::getline(file, at.backups) || !std::getline(file, log_id) || !std::getline(file, run))
    return std::nullopt;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), at.port);
  if (read.ec != std::errc{} || at.port == 0) return std::nullopt;
  const auto log_uuid = Uuid::parse(log_id);
  const auto run_uuid = Uuid::parse(run);
  if (!log_uuid || !run_uuid) return std::nullopt;
  at.served = {*log_uuid, *run_uuid};
  return at;
}

std::string reachable_address(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  return address == "::" ? "::1" : address;
}

}  // namespace factum::cli
