import { HttpStatus } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { approvalReply } from '../openapi/alarm-schemas.js';

/** Of a route that may need a second person: then the request of the first is accepted, and nothing is done yet. */
export const Asks = (): MethodDecorator =>
  ApiResponse({
    status: HttpStatus.ACCEPTED,
    description: 'A second person must agree: the request that they find among the approvals.',
    standardSchema: approvalReply,
  });
