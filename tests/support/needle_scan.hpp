// Looks for planted values in everything a program left on disk: raw bytes, decompressed RocksDB
// tables and records of write-ahead logs, in every spelling that text takes on its way.
#pragma once

#include <string>
#include <vector>

namespace factum::test {

/// A place where a planted value was found.
struct NeedleHit {
  std::string needle;  ///< the planted value, in UTF-8
  std::string form;    ///< "UTF-8", "UTF-16LE", "GB18030", "JSON escapes", "hex", "base64", …
  std::string place;   ///< file, and what of it: "raw", "WAL record", "records family", …

  friend bool operator==(const NeedleHit&, const NeedleHit&) = default;
};

/// Spellings of one value that the scan looks for; each at least 6 bytes, so that none is there by
/// chance.
struct NeedleForm {
  std::string form;
  std::string bytes;
};
std::vector<NeedleForm> forms_of(const std::string& needle);

/// Every needle found below `folders`, each (needle, form, place) once. Inside folders of RocksDB
/// the tables, flushed or not, are also read through a copy, so that compression hides nothing.
/// `needles`: UTF-8, at least 6 bytes each. Throws when a file cannot be read.
std::vector<NeedleHit> scan_for_needles(const std::vector<std::string>& folders,
                                        const std::vector<std::string>& needles);

/// One line per hit, for messages.
std::string show(const std::vector<NeedleHit>& hits);

}  // namespace factum::test
