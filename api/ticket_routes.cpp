// Tickets.
#include "api/routes.hpp"
#include "core/crm/ticket.hpp"

namespace factum::api {

void add_ticket_routes(Routes& routes) {
  using namespace crm;
  routes.entity<Ticket>("/v1/tickets/{id}");
  routes.command<OpenTicket>("/v1/tickets");
  routes.command<AssignTicket>("/v1/tickets/{id}:assign");
  routes.command<ChangeTicketPriority>("/v1/tickets/{id}:change_priority", IfMatch::required);
  routes.command<MarkTicketAsComplaint>("/v1/tickets/{id}:mark_as_complaint");
  routes.command<StartTicketWork>("/v1/tickets/{id}:start");
  routes.command<SetTicketPending>("/v1/tickets/{id}:set_pending");
  routes.command<PutTicketOnHold>("/v1/tickets/{id}:put_on_hold");
  routes.command<ResumeTicket>("/v1/tickets/{id}:resume");
  routes.command<ResolveTicket>("/v1/tickets/{id}:resolve");
  routes.command<ReopenTicket>("/v1/tickets/{id}:reopen");
  routes.command<CloseTicket>("/v1/tickets/{id}:close");
  routes.command<CancelTicket>("/v1/tickets/{id}:cancel");
  routes.command<SendPublicReply>("/v1/tickets/{id}:reply");
  routes.command<RecordCustomerReply>("/v1/tickets/{id}:record_customer_reply");
  routes.command<AddInternalNote>("/v1/tickets/{id}:add_note");
}

}  // namespace factum::api
