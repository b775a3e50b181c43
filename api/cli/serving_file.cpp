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
  std::ofstream(fresh) << at.address << "\n" << at.port << "\n" << at.backups << "\n";
  std::error_code ignored;  // without it other commands say that the folder is in use
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
  if (!std::getline(file, at.address) || !std::getline(file, port) ||
      !std::getline(file, at.backups))
    return std::nullopt;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), at.port);
  if (read.ec != std::errc{} || at.port == 0) return std::nullopt;
  return at;
}

std::string reachable_address(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  return address == "::" ? "::1" : address;
}

}  // namespace factum::cli
