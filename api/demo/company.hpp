// A small invented company and a year of its life, as commands in order of time; the same for the
// same seed.
#pragma once

#include "api/demo/random.hpp"
#include "api/demo/words.hpp"
#include "core/base/time.hpp"
#include "core/crm/ids.hpp"
#include "core/es/command.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace factum::demo {

/// A command and the moment it belongs to.
struct Planned {
  Timestamp at;
  const CommandType* type = nullptr;
  std::unique_ptr<AnyCommand> command;
};

/// Commands in order of time, and the subjects that need keys before they run.
struct Plan {
  std::vector<Planned> commands;
  std::vector<Uuid> subjects;
};

struct DemoProduct {
  crm::ProductId id;
  std::string name;
  std::int64_t price_minor = 0;
};

/// Plans the company's year, which ends at `until`. One generator makes one company: call
/// `foundation` first, then `customers` for one chunk after the other.
class Company {
 public:
  Company(std::uint64_t seed, Timestamp until);

  /// Teams, colleagues, the pipeline and the products.
  Plan foundation();
  /// Customers `first` to `first + count - 1` with their contacts, deals, orders, tickets, calls
  /// and survey answers.
  Plan customers(std::uint64_t first, std::size_t count);

  const crm::PipelineId& pipeline() const { return pipeline_; }
  /// Of the chunk planned last.
  const std::vector<crm::CustomerId>& customer_ids() const { return customer_ids_; }

 private:
  friend class CustomerLife;

  Random random_;
  Timestamp begin_;
  Timestamp until_;
  crm::PipelineId pipeline_;
  std::vector<crm::UserId> sellers_;
  std::vector<crm::UserId> agents_;
  crm::TeamId service_team_;
  std::vector<DemoProduct> products_;
  std::vector<crm::CustomerId> customer_ids_;
};

}  // namespace factum::demo
