#include "api/demo/company.hpp"

#include "api/demo/customer_life.hpp"
#include "core/crm/organisation.hpp"
#include "core/crm/pipeline.hpp"
#include "core/crm/product.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace factum::demo {
namespace {

using namespace crm;

constexpr std::int64_t kDaysShown = 365;

struct Article {
  std::string_view sku;
  std::string_view name;
  std::string_view category;
  std::int64_t price_minor;
};
constexpr std::array<Article, 8> kArticles{{{"TRK-100", "Tracker 100", "hardware", 14900},
                                            {"TRK-300", "Tracker 300", "hardware", 39900},
                                            {"HUB-2", "Hub 2", "hardware", 89900},
                                            {"SNS-T", "Temperature sensor", "hardware", 4900},
                                            {"SNS-H", "Humidity sensor", "hardware", 5900},
                                            {"LIC-STD", "Standard licence", "software", 120000},
                                            {"LIC-PRO", "Professional licence", "software", 290000},
                                            {"SRV-1", "Service contract", "service", 60000}}};

struct Colleague {
  std::string_view name;
  std::string_view region;
  bool sells;
};
constexpr std::array<Colleague, 6> kColleagues{{{"Helen Marsh", "EMEA", true},
                                                {"陈晓东", "APAC", true},
                                                {"Tom Ridley", "AMER", true},
                                                {"刘雯", "APAC", true},
                                                {"Nadia Brandt", "EMEA", false},
                                                {"周凯", "APAC", false}}};

std::vector<Stage> stages() {
  return {{"prospecting", "Prospecting", StageCategory::open, 10},
          {"qualified", "Qualified", StageCategory::open, 30},
          {"proposal", "Proposal", StageCategory::open, 55},
          {"negotiation", "Negotiation", StageCategory::open, 75},
          {"won", "Won", StageCategory::won, 100},
          {"lost", "Lost", StageCategory::lost, 0}};
}

template <class C>
void plan(Plan& into, Timestamp at, C command) {
  into.commands.push_back({at, &command_type<C>(), box_command(std::move(command))});
}

}  // namespace

Company::Company(std::uint64_t seed, Timestamp until)
    : random_(seed), begin_(Timestamp(until.value() - kDaysShown * kMicrosPerDay)), until_(until) {}

Plan Company::foundation() {
  Plan made;
  const TeamId sales{random_.id_at(begin_)};
  service_team_ = TeamId{random_.id_at(begin_)};
  for (const auto& [id, name] : {std::pair(sales, "Sales"), std::pair(service_team_, "Service")}) {
    DefineTeam team;
    team.id = id;
    team.name = name;
    plan(made, begin_, std::move(team));
  }
  for (const Colleague& colleague : kColleagues) {
    AddUser user;
    user.id = UserId{random_.id_at(begin_)};
    user.name = colleague.name;
    user.region = std::string(colleague.region);
    user.team = colleague.sells ? sales : service_team_;
    user.role = colleague.sells ? "sales" : "service";
    (colleague.sells ? sellers_ : agents_).push_back(user.id);
    made.subjects.push_back(user.id.uuid);
    plan(made, begin_, std::move(user));
  }
  DefinePipeline pipeline;
  pipeline_ = PipelineId{random_.id_at(begin_)};
  pipeline.id = pipeline_;
  pipeline.name = "Direct sales";
  pipeline.stages = stages();
  plan(made, begin_, std::move(pipeline));
  for (const Article& article : kArticles) {
    CreateProduct product;
    product.id = ProductId{random_.id_at(begin_)};
    product.sku = article.sku;
    product.name = article.name;
    product.facts.category = std::string(article.category);
    product.facts.price = Money{article.price_minor, "EUR"};
    products_.push_back({product.id, product.name, article.price_minor});
    plan(made, begin_, std::move(product));
  }
  return made;
}

Plan Company::customers(std::uint64_t first, std::size_t count) {
  Plan made;
  customer_ids_.clear();
  for (std::uint64_t number = first; number < first + count; ++number) {
    CustomerLife life(*this, made, number);
    customer_ids_.push_back(life.live());
  }
  std::stable_sort(made.commands.begin(), made.commands.end(),
                   [](const Planned& a, const Planned& b) { return a.at < b.at; });
  return made;
}

}  // namespace factum::demo
