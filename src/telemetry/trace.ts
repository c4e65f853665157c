import {
  trace as api,
  type Context,
  type ContextManager,
  createContextKey,
  defaultTextMapGetter,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { type RequestSpan, type Span, type Trace, UNSEEN } from "../process/trace.ts";
import type { Sampler } from "./sampler.ts";

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT } as const;

/** Of work that nobody wants to see, nor any part of it. One for all: nothing is made for it. */
const UNWANTED = ROOT_CONTEXT.setValue(createContextKey("unwanted"), true);

/** A caller's `traceparent` is taken over (W3C Trace Context); none is sent to providers, whom our callers are no business of. */
export function traceWith(tracer: Tracer, contexts: ContextManager, isWanted: Sampler): Trace {
  const propagator = new W3CTraceContextPropagator();
  const insides = new WeakMap<RequestSpan, Context>();
  return {
    span: (name, kind, work) => {
      const active = contexts.active();
      if (active === UNWANTED) return work(UNSEEN);
      if (!api.getSpan(active) && !isWanted()) return contexts.with(UNWANTED, () => work(UNSEEN));
      const span = tracer.startSpan(name, { kind: KINDS[kind] }, active);
      return contexts.with(api.setSpan(active, span), () => run(span, work));
    },
    request: (method, headers) => {
      const { traceparent } = headers;
      const parent = traceparent ? propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter) : ROOT_CONTEXT;
      if (!isWanted(api.getSpanContext(parent))) return undefined;
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parent);
      const request = requestOf(span);
      insides.set(request, api.setSpan(parent, span));
      return request;
    },
    within: (request, next) => contexts.with((request && insides.get(request)) ?? UNWANTED, next),
  };
}

async function run<T>(span: OtelSpan, work: (span: Span) => Promise<T>): Promise<T> {
  const told = spanOf(span);
  try {
    return await work(told);
  } catch (error) {
    // No message: it may be somebody else's text.
    told.fail(error instanceof Error ? error.name : "unknown");
    throw error;
  } finally {
    span.end();
  }
}

function spanOf(span: OtelSpan): Span {
  return {
    set: (attributes) => void span.setAttributes(attributes),
    note: (event) => void span.addEvent(event),
    fail: (cause) => {
      span.setAttribute("error.type", cause);
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
  };
}

function requestOf(span: OtelSpan): RequestSpan {
  return {
    ...spanOf(span),
    end: (name) => {
      span.updateName(name);
      span.end();
    },
  };
}
