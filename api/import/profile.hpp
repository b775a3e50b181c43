// A profile: how the files of one source are read and what facts their rows are. Profiles are data
// (JSON); `docs/import-profiles.md` describes the language.
#pragma once

#include "api/import/csv_reader.hpp"
#include "api/import/expression_factory.hpp"
#include "api/import/text_decoder.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::importing {

/// One file of a source.
struct FileSpec {
  std::string role;                ///< "orders"
  std::vector<std::string> names;  ///< usual file names, without .gz and .zst
  Encoding encoding = Encoding::automatic;
  CsvDialect dialect;
  std::vector<std::string> columns;  ///< those the profile uses; expressions see them in this order
  std::vector<std::string> absent;   ///< texts that mean "nothing here", such as "?"
  bool optional = false;
};

/// A row that cannot be understood, by a rule of the profile.
struct RefusalSpec {
  ExpressionPtr when;
  std::string rule;  ///< "import.unknown_state"
};

/// A file that rows are looked up in.
struct JoinSpec {
  std::string file;
  std::vector<ExpressionPtr> on;
  std::vector<std::size_t> match;  ///< columns of the joined file
};

/// A step, or a block of steps that is repeated for rows.
struct StepSpec {
  ExpressionPtr when;  ///< may be null: always
  std::optional<RowSet> for_each;
  std::vector<StepSpec> steps;  ///< only in a block; then what follows is empty
  ExpressionPtr name;
  std::string command;
  ExpressionPtr target_kind;  ///< null: the fact's own entity
  std::vector<ExpressionPtr> target_key;
  ExpressionPtr at;  ///< may be null: undated
  ExpressionPtr fields;
};

/// Which rows make up a fact.
enum class FactRows : std::uint8_t {
  each,      ///< every row is a fact
  first,     ///< the first row of every key; later ones are left out
  group,     ///< all rows of a key, wherever they stand
  together,  ///< all rows of a key, which stand together in the file
};

struct FactSpec {
  std::string kind;
  std::string file;
  FactRows rows = FactRows::each;
  ExpressionPtr where;              ///< per row; may be null
  std::vector<RefusalSpec> refuse;  ///< rows that are rejected; the rest of their fact goes in
  std::vector<ExpressionPtr> key;
  std::vector<JoinSpec> joins;
  std::vector<StepSpec> steps;
};

struct Profile {
  std::string name;
  std::string about;
  std::vector<FileSpec> files;
  std::vector<FactSpec> facts;
};

/// Reads a profile. Errors: invalid_argument, with the place in the profile as a JSON Pointer.
Result<Profile> parse_profile(std::string_view json);

/// Names of the profiles that come with the program.
std::vector<std::string> builtin_profiles();

/// The text of one of them, or nothing.
std::optional<std::string_view> builtin_profile(std::string_view name);

/// A profile that comes with the program, by name, or one in a file. Errors: not_found (lists the
/// names there are), those of parse_profile.
Result<Profile> load_profile(const std::string& name_or_path);

}  // namespace factum::importing
