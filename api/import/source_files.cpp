#include "api/import/source_files.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace factum::importing {
namespace {

namespace fs = std::filesystem;

/// The file name without the ending of a compression.
std::string plain_name(const std::string& path) {
  std::string name = fs::path(path).filename().string();
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (name.ends_with(ending)) name.erase(name.size() - ending.size());
  }
  return name;
}

const FileSpec* spec_by_name(const Profile& profile, const std::string& path) {
  const std::string name = plain_name(path);
  for (const FileSpec& spec : profile.files) {
    if (std::find(spec.names.begin(), spec.names.end(), name) != spec.names.end()) return &spec;
  }
  return nullptr;
}

const FileSpec* spec_by_role(const Profile& profile, const std::string& role) {
  for (const FileSpec& spec : profile.files) {
    if (spec.role == role) return &spec;
  }
  return nullptr;
}

std::string known_names(const Profile& profile) {
  std::string text;
  for (const FileSpec& spec : profile.files) {
    text += text.empty() ? "" : ", ";
    text += spec.role + "=" + (spec.names.empty() ? "FILE" : spec.names.front());
  }
  return text;
}

Status add_file(std::vector<SourceFile>& files, const FileSpec& spec, const std::string& path) {
  if (find_source(files, spec.role) != nullptr) {
    return fail(ErrorCode::invalid_argument,
                path + ": the role \"" + spec.role + "\" is already taken by another file");
  }
  files.push_back({&spec, path, file_bytes(path)});
  return {};
}

Status add_folder(std::vector<SourceFile>& files, const Profile& profile,
                  const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (spec_by_name(profile, entry.path().string()) != nullptr) {
      paths.push_back(entry.path().string());
    }
  }
  if (failed) return fail(ErrorCode::io_error, folder + ": " + failed.message());
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    FACTUM_CHECK(add_file(files, *spec_by_name(profile, path), path));
  }
  return {};
}

Status add_argument(std::vector<SourceFile>& files, const Profile& profile,
                    const std::string& argument) {
  std::error_code ignored;
  if (fs::is_directory(argument, ignored)) return add_folder(files, profile, argument);
  const std::size_t equals = argument.find('=');
  if (equals != std::string::npos && !fs::exists(argument, ignored)) {
    const FileSpec* spec = spec_by_role(profile, argument.substr(0, equals));
    if (spec != nullptr) return add_file(files, *spec, argument.substr(equals + 1));
  }
  if (const FileSpec* spec = spec_by_name(profile, argument)) {
    return add_file(files, *spec, argument);
  }
  if (profile.files.size() == 1) return add_file(files, profile.files.front(), argument);
  return fail(ErrorCode::invalid_argument,
              argument + ": the profile does not know what this file is for; it takes " +
                  known_names(profile));
}

}  // namespace

std::string SourceFile::name() const { return fs::path(path).filename().string(); }

const SourceFile* find_source(const std::vector<SourceFile>& files, const std::string& role) {
  for (const SourceFile& file : files) {
    if (file.spec->role == role) return &file;
  }
  return nullptr;
}

Result<std::vector<SourceFile>> match_files(const Profile& profile,
                                            const std::vector<std::string>& arguments) {
  std::vector<SourceFile> files;
  for (const std::string& argument : arguments) {
    FACTUM_CHECK(add_argument(files, profile, argument));
  }
  for (const FileSpec& spec : profile.files) {
    if (spec.optional || find_source(files, spec.role) != nullptr) continue;
    return fail(
        ErrorCode::invalid_argument,
        "the file \"" + spec.role + "\" is missing; the profile takes " + known_names(profile));
  }
  return files;
}

namespace {

/// What is wrong with a file of somebody else is wrong input, never damage to our own data.
tl::unexpected<Error> in_file(const std::string& name, Error error) {
  if (error.message.find(name) == std::string::npos) error.message = name + ": " + error.message;
  if (error.code == ErrorCode::corrupt || error.code == ErrorCode::limit_exceeded) {
    error.code = ErrorCode::invalid_argument;
  }
  return fail(std::move(error));
}

}  // namespace

Result<std::unique_ptr<RowReader>> RowReader::open(const SourceFile& file,
                                                   std::optional<Encoding> encoding) {
  const auto named = [&](Error error) { return in_file(file.name(), std::move(error)); };
  auto source = open_byte_source(file.path);
  if (!source) return named(std::move(source).error());
  auto text = make_text_decoder(std::move(*source), encoding.value_or(file.spec->encoding));
  if (!text) return named(std::move(text).error());
  auto reader =
      std::make_unique<RowReader>(CsvReader(std::move(*text), file.spec->dialect), file.name());
  if (auto opened = reader->reader_.open(); !opened) return named(std::move(opened).error());
  if (auto chosen = reader->choose_columns(*file.spec); !chosen) {
    return named(std::move(chosen).error());
  }
  return reader;
}

Status RowReader::choose_columns(const FileSpec& spec) {
  absent_.insert(spec.absent.begin(), spec.absent.end());
  const auto& have = reader_.columns();
  for (const std::string& column : spec.columns) {
    const auto found = std::find(have.begin(), have.end(), column);
    if (found == have.end()) {
      return fail(ErrorCode::invalid_argument,
                  "line 1: the column \"" + column +
                      "\" is missing; is this the right file, encoding and profile?");
    }
    chosen_.push_back(static_cast<std::size_t>(found - have.begin()));
  }
  fields_.resize(chosen_.size());
  return {};
}

Result<CsvRead> RowReader::next(RowView& row) {
  auto read = reader_.next(raw_);
  if (!read) {
    return in_file(name_, std::move(read).error());
  }
  row.line = raw_.line;
  if (*read == CsvRead::row) {
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      fields_[i] = raw_.fields[chosen_[i]];
      if (!absent_.empty() && absent_.count(fields_[i]) > 0) fields_[i] = {};
    }
  }
  row.fields = fields_;
  return *read;
}

}  // namespace factum::importing
