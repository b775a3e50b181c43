// A verifier's view of an offline bundle: the files that manifest.json names, as
// docs/transparency.md describes them.
#pragma once

#include "eventstore/bundle_files.hpp"
#include "eventstore/log_source.hpp"

#include <memory>

namespace factum {

/// Memory: the manifest, which may have 128 MiB. Errors: corrupt (a manifest that no bundle has),
/// io_error (there is none), limit_exceeded.
Result<std::unique_ptr<LogSource>> open_bundle_source(std::unique_ptr<BundleFiles> files);

}  // namespace factum
