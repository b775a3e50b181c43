#include "api/demo/customer_life.hpp"

#include "core/crm/contact.hpp"
#include "core/crm/customer.hpp"
#include "core/crm/deal.hpp"
#include "core/crm/interaction.hpp"
#include "core/crm/order.hpp"
#include "core/crm/survey.hpp"
#include "core/crm/ticket.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace factum::demo {
namespace {

using namespace crm;

constexpr std::int64_t kMicrosPerHour = 3'600 * kMicrosPerSecond;
constexpr std::int64_t kNewestRegistrationDays =
    60;  // before the end, so that everybody has a story
constexpr std::array<const char*, 3> kLaterStages{"qualified", "proposal", "negotiation"};

NewContactPoint point(ContactPointKind kind, std::string value) {
  return {kind, std::nullopt, std::move(value), std::nullopt};
}

std::string decimal(std::int64_t minor) {
  const std::string cents = std::to_string(minor % 100);
  return std::to_string(minor / 100) + "." + (cents.size() < 2 ? "0" + cents : cents);
}

}  // namespace

CustomerLife::CustomerLife(Company& company, Plan& plan, std::uint64_t number)
    : company_(company),
      random_(company.random_),
      plan_(plan),
      number_(number),
      culture_(number % 2 == 0 ? Culture::english : Culture::chinese),
      is_person_(number % 5 == 3),
      place_(demo::place(random_, culture_)) {
  const std::int64_t span = (company_.until_.value() - company_.begin_.value()) / kMicrosPerHour;
  const std::int64_t hours = random_.between(1, span - kNewestRegistrationDays * 24);
  registered_at_ = Timestamp(company_.begin_.value() + hours * kMicrosPerHour);
  customer_ = new_id<CustomerId>(registered_at_);
}

template <class C>
void CustomerLife::plan(Timestamp at, C command) {
  plan_.commands.push_back({at, &command_type<C>(), box_command(std::move(command))});
}

template <class C>
void CustomerLife::plan_on(Timestamp at, decltype(C::id) id) {
  C command;
  command.id = id;
  plan(at, std::move(command));
}

UserId CustomerLife::seller() { return random_.pick(std::span<const UserId>(company_.sellers_)); }
UserId CustomerLife::agent() { return random_.pick(std::span<const UserId>(company_.agents_)); }

std::optional<Timestamp> CustomerLife::later(Timestamp at, std::int64_t days_max) {
  const Timestamp then(at.value() + random_.between(2, days_max * 24) * kMicrosPerHour);
  return then < company_.until_ ? std::optional(then) : std::nullopt;
}

Timestamp CustomerLife::some_time() {
  const std::int64_t hours =
      (company_.until_.value() - registered_at_.value()) / kMicrosPerHour - 1;
  return Timestamp(registered_at_.value() + random_.between(1, hours) * kMicrosPerHour);
}

CustomerId CustomerLife::live() {
  register_customer();
  if (!is_person_) meet_contacts();
  for (std::int64_t i = random_.between(2, 7); i > 0; --i) talk();
  for (std::int64_t i = random_.between(number_ == 0 ? 3 : 0, 3); i > 0; --i) pursue_deal();
  for (std::int64_t i = random_.between(number_ == 0 ? 1 : 0, 2); i > 0; --i) ask_for_help();
  if (random_.chance(30)) give_opinion(some_time(), std::nullopt);
  return customer_;
}

void CustomerLife::register_customer() {
  RegisterCustomer command;
  command.id = customer_;
  command.kind = is_person_ ? CustomerType::person : CustomerType::organisation;
  command.name = is_person_ ? person_name(random_, culture_) : company_name(random_, culture_);
  command.facts.country = std::string(place_.country);
  command.facts.region = std::string(place_.region);
  command.facts.language = culture_ == Culture::chinese ? "zh-CN" : "en";
  if (!is_person_) command.facts.sector = std::string(sector(random_));
  command.owner = seller();
  command.external_ids = {{"demo", std::to_string(10'000 + number_)}};
  if (is_person_) {
    const std::string email = email_address(culture_, number_ * 10);
    command.contact_points.push_back(point(ContactPointKind::email, email));
    command.contact_points.push_back(
        point(ContactPointKind::mobile, phone_number(random_, culture_)));
  }
  command.contact_points.push_back(
      {ContactPointKind::address, "main", std::nullopt,
       PostalAddress{street(random_, culture_), std::string(place_.city), "",
                     std::string(place_.region), std::string(place_.country)}});
  plan_.subjects.push_back(customer_.uuid);
  plan(registered_at_, std::move(command));
}

void CustomerLife::meet_contacts() {
  for (std::int64_t i = random_.between(1, 2); i > 0; --i) {
    const Timestamp at(registered_at_.value() + i * kMicrosPerSecond);
    CreateContact command;
    command.id = new_id<ContactId>(at);
    command.name = person_name(random_, culture_);
    command.language = culture_ == Culture::chinese ? "zh-CN" : "en";
    command.links = {{customer_, i == 1 ? ContactRole::decision_maker : ContactRole::technical}};
    const auto person = number_ * 10 + static_cast<std::uint64_t>(i);
    command.contact_points.push_back(
        point(ContactPointKind::email, email_address(culture_, person)));
    command.contact_points.push_back(
        point(ContactPointKind::phone, phone_number(random_, culture_)));
    contact_ = command.id;
    plan_.subjects.push_back(command.id.uuid);
    plan(at, std::move(command));
  }
}

void CustomerLife::talk() {
  constexpr std::array<Channel, 6> kChannels{Channel::call,  Channel::email,  Channel::chat,
                                             Channel::visit, Channel::social, Channel::sms};
  const Timestamp at = some_time();
  LogInteraction command;
  command.id = new_id<InteractionId>(at);
  command.customer = customer_;
  if (random_.chance(60)) command.contact = contact_;
  command.channel = random_.pick(kChannels);
  command.direction = random_.chance(55) ? Direction::inbound : Direction::outbound;
  command.user = seller();
  if (command.channel == Channel::call) command.content.duration_s = random_.between(30, 1800);
  command.content.text = std::string(conversation(random_, culture_));
  plan(at, std::move(command));
}

void CustomerLife::pursue_deal() {
  const Timestamp opened = some_time();
  const DemoProduct& product = random_.pick(std::span<const DemoProduct>(company_.products_));
  const std::int64_t quantity = random_.between(1, 40);
  OpenDeal open;
  const DealId deal = new_id<DealId>(opened);
  open.id = deal;
  open.pipeline = company_.pipeline_;
  open.customer = customer_;
  open.amount = Money{product.price_minor * quantity, std::string(place_.currency)};
  open.expected_close = date_of(Timestamp(opened.value() + 45 * kMicrosPerDay));
  open.owner = seller();
  open.lines = {{product.id, quantity, Money{product.price_minor, std::string(place_.currency)}}};
  open.title = deal_title(random_, culture_, product.name);
  plan(opened, std::move(open));

  std::optional<Timestamp> at = opened;
  for (const char* stage : kLaterStages) {
    at = later(*at, 18);
    if (!at) return;
    if (random_.chance(14)) {
      LoseDeal lose;
      lose.id = deal;
      lose.reason = std::string(lost_reason(random_));
      return plan(*at, std::move(lose));
    }
    MoveDeal move;
    move.id = deal;
    move.stage = stage;
    plan(*at, std::move(move));
  }
  if (at = later(*at, 14); !at || random_.chance(10)) return;
  if (random_.chance(25)) {
    LoseDeal lose;
    lose.id = deal;
    lose.reason = std::string(lost_reason(random_));
    return plan(*at, std::move(lose));
  }
  plan_on<WinDeal>(*at, deal);
  place_order(Timestamp(at->value() + kMicrosPerHour), deal, product, quantity);
}

void CustomerLife::place_order(Timestamp at, const DealId& deal, const DemoProduct& product,
                               std::int64_t quantity) {
  if (!is_buyer_) {
    ChangeLifecycleStage stage;
    stage.id = customer_;
    stage.stage = LifecycleStage::customer;
    plan(at, std::move(stage));
    is_buyer_ = true;
  }
  PlaceOrder order;
  const OrderId id = new_id<OrderId>(at);
  const Money total{product.price_minor * quantity, std::string(place_.currency)};
  order.id = id;
  order.number = "D-" + id.uuid.to_string().substr(24);
  order.origin = "demo";
  order.customer = customer_;
  order.deal = deal;
  order.lines = {{product.id, product.name, quantity, decimal(product.price_minor), total}};
  order.total = total;
  order.country = std::string(place_.country);
  plan(at, std::move(order));
  plan_on<ConfirmOrder>(Timestamp(at.value() + kMicrosPerHour), id);
  auto next = later(Timestamp(at.value() + kMicrosPerHour), 10);
  if (!next) return;
  plan_on<FulfilOrder>(*next, id);
  if (next = later(*next, 30); !next) return;
  ReceivePayment payment;
  payment.id = id;
  payment.amount = total;
  payment.method = "transfer";
  plan(*next, std::move(payment));
  if (next = later(*next, 20); !next || !random_.chance(12)) return;
  ReceiveReturn back;
  const ReturnId return_id = new_id<ReturnId>(*next);
  const Money refund{product.price_minor, total.currency};
  back.id = return_id;
  back.order = id;
  back.customer = customer_;
  back.lines = {{product.id, product.name, 1, decimal(product.price_minor), refund}};
  back.total = refund;
  back.reason = "defect";
  plan(*next, std::move(back));
  if (next = later(*next, 5); !next) return;
  IssueRefund money;
  money.id = id;
  money.amount = refund;
  money.return_id = return_id;
  plan(*next, std::move(money));
}

void CustomerLife::ask_for_help() {
  constexpr std::array<TicketKind, 4> kKinds{TicketKind::question, TicketKind::incident,
                                             TicketKind::request, TicketKind::complaint};
  constexpr std::array<Priority, 3> kPriorities{Priority::low, Priority::normal, Priority::high};
  const Timestamp opened = some_time();
  OpenTicket open;
  const TicketId ticket = new_id<TicketId>(opened);
  open.id = ticket;
  open.kind = random_.pick(kKinds);
  open.priority = random_.pick(kPriorities);
  open.channel = random_.chance(50) ? Channel::email : Channel::web;
  open.customer = customer_;
  open.contact = contact_;
  open.team = company_.service_team_;
  open.subject = std::string(trouble(random_, culture_));
  plan(opened, std::move(open));

  auto at = later(opened, 2);
  if (!at) return;
  const UserId worker = agent();
  AssignTicket assign;
  assign.id = ticket;
  assign.team = company_.service_team_;
  assign.assignee = worker;
  plan(*at, std::move(assign));
  plan_on<StartTicketWork>(Timestamp(at->value() + kMicrosPerSecond), ticket);
  if (at = later(*at, 3); !at) return;
  SendPublicReply answer;
  answer.id = ticket;
  answer.message = {std::string(reply(culture_)), worker};
  plan(*at, std::move(answer));
  if (at = later(*at, 4); !at || random_.chance(15)) return;
  ResolveTicket resolve;
  resolve.id = ticket;
  resolve.resolver = worker;
  plan(*at, std::move(resolve));
  if (random_.chance(60)) give_opinion(Timestamp(at->value() + kMicrosPerHour), ticket);
  if (at = later(*at, 9); at) plan_on<CloseTicket>(*at, ticket);
}

void CustomerLife::give_opinion(Timestamp at, std::optional<TicketId> ticket) {
  AnswerSurvey answer;
  answer.id = new_id<ResponseId>(at);
  answer.survey = ticket ? "after_service" : "relation";
  answer.kind = ticket ? SurveyKind::csat : SurveyKind::nps;
  // Most people are content: the better of two throws.
  const std::int64_t most = ticket ? 5 : 10;
  const std::int64_t least = ticket ? 1 : 0;
  answer.score = std::max(random_.between(least, most), random_.between(least, most));
  answer.customer = customer_;
  answer.contact = contact_;
  answer.ticket = ticket;
  plan(at, std::move(answer));
}

}  // namespace factum::demo
