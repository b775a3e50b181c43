// Fills a log with the demo company.
#pragma once

#include "api/demo/company.hpp"
#include "core/es/command_bus.hpp"

#include <cstdint>
#include <functional>

namespace factum::demo {

struct DemoOptions {
  std::uint64_t seed = 1;
  std::size_t customers = 200;
  Timestamp until;  ///< the end of the year that is shown
};

struct DemoResult {
  std::uint64_t events = 0;
  crm::PipelineId pipeline;
  crm::CustomerId customer;  ///< the first one; it has deals, orders and a ticket
};

/// Called with the number of customers done, now and then; return false to stop after the batch.
using OnDemoProgress = std::function<bool(std::size_t customers_done)>;

/// Plans the company and appends its events in large batches; nobody else may write meanwhile. The
/// same options give the same ids, facts and texts; event ids and recorded times differ. Errors:
/// those of deciding and of the store.
Result<DemoResult> write_demo(CommandBus& bus, const DemoOptions& options,
                              const OnDemoProgress& on_progress);

}  // namespace factum::demo
