#include "eventstore/manifest.hpp"

#include "core/base/hex.hpp"
#include "eventstore/hash.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <vector>

namespace factum {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kDepthMax = 32;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_plain_path(std::string_view path) {
  if (path.find('\\') != std::string_view::npos || path.find('\0') != std::string_view::npos)
    return false;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

// Takes the manifest value by value, so that a long list of files is never a tree in memory. A
// method that gives false ends the reading; the member functions have the names that the library
// calls.
class ManifestReader {
 public:
  explicit ManifestReader(Manifest& manifest) : manifest_(manifest) {}

  bool null() { return scalar(); }
  bool boolean(bool /*value*/) { return scalar(); }
  bool number_integer(Json::number_integer_t /*value*/) { return scalar(); }
  bool number_unsigned(Json::number_unsigned_t value) {
    if (at_root("size")) {
      manifest_.size = value;
      seen_size_ = true;
    }
    return in_files() ? refuse("manifest.json has a file without SHA-256 in hex") : scalar();
  }
  bool number_float(Json::number_float_t /*value*/, const std::string& /*text*/) {
    return scalar();
  }
  bool binary(Json::binary_t& /*value*/) { return scalar(); }

  bool string(std::string& value) {
    if (in_files()) {
      const auto digest = from_hex(value);
      if (!digest || digest->size() != sizeof(Digest))
        return refuse("manifest.json has a file without SHA-256 in hex");
      if (!is_plain_path(key_)) return refuse("manifest.json names a file outside the bundle");
      manifest_.files[key_].hash = to_digest(*digest);
      return true;
    }
    if (at_root("format")) manifest_.format = value;
    if (at_root("origin")) manifest_.origin = value;
    if (at_root("vkey")) manifest_.vkey = value;
    return depth() > 0;
  }

  bool key(std::string& name) {
    key_ = name;
    const bool fresh =
        in_files() ? manifest_.files.try_emplace(name).second : names_.back().insert(name).second;
    return fresh || refuse("manifest.json has a name twice");
  }

  bool start_object(std::size_t /*size*/) {
    if (depth() == kDepthMax) return false;
    if (in_files()) return refuse("manifest.json has a file without SHA-256 in hex");
    if (at_root("files")) seen_files_ = true;
    files_depth_ = at_root("files") ? depth() + 1 : files_depth_;
    names_.emplace_back();
    return true;
  }
  bool end_object() {
    if (depth() == files_depth_) files_depth_ = 0;
    names_.pop_back();
    return true;
  }
  bool start_array(std::size_t /*size*/) {
    if (depth() == kDepthMax) return false;
    if (in_files()) return refuse("manifest.json has a file without SHA-256 in hex");
    names_.emplace_back();
    key_.clear();
    return depth() > 1;
  }
  bool end_array() {
    names_.pop_back();
    return true;
  }

  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const Json::exception& /*why*/) {
    return false;
  }

  bool complete() const { return seen_size_ && seen_files_; }
  const std::string& complaint() const { return complaint_; }

 private:
  std::size_t depth() const { return names_.size(); }
  bool at_root(std::string_view name) const { return depth() == 1 && key_ == name; }
  bool in_files() const { return files_depth_ != 0 && depth() == files_depth_; }
  bool scalar() { return depth() > 0 && !in_files(); }
  bool refuse(const char* why) {
    complaint_ = why;
    return false;
  }

  Manifest& manifest_;
  std::vector<std::set<std::string>> names_;  // of the objects around
  std::string key_;
  std::size_t files_depth_ = 0;  // of the object of files while it is read
  bool seen_size_ = false;
  bool seen_files_ = false;
  std::string complaint_ = "manifest.json is not JSON with what a bundle says";
};

}  // namespace

Result<Manifest> parse_manifest(std::string_view json) {
  Manifest manifest;
  ManifestReader reader(manifest);
  // The library takes a zero byte for the end and passes over a byte order mark.
  const bool parsed = json.find('\0') == std::string_view::npos &&
                      !json.starts_with(kByteOrderMark) &&
                      Json::sax_parse(json.begin(), json.end(), &reader);
  if (!parsed) return fail(ErrorCode::corrupt, reader.complaint());
  if (!reader.complete()) return fail(ErrorCode::corrupt, "manifest.json has no size or no files");
  return manifest;
}

}  // namespace factum
